//! Answers as language models write them, in many languages and shapes, made for this project.

/// Every document of `tests/corpus` with its name, in alphabetic order.
pub fn corpus() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let mut documents: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("readable").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").display().to_string();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect();
    documents.sort();
    documents
}

/// One long answer of at least `length` bytes: the documents of the corpus one after the other, again and again.
#[allow(dead_code, reason = "not every test file needs a long document")]
pub fn long_answer(length: usize) -> String {
    let corpus = corpus();
    let mut answer = String::new();
    for (round, (name, document)) in (0..).zip(corpus.iter().cycle()) {
        if answer.len() >= length {
            break;
        }
        answer += &format!("# Part {round}: {name}\n\n{document}\n\n");
    }
    answer
}
