//! The file as bytes: a ZIP, of which the JSON files are unpacked one after the other, or one JSON.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::{Found, ImportError, Limits, Reason, Skipped, document, text::line};

/// What a ZIP with or without content begins with.
const ZIP_MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Reads everything that is of a known program.
pub fn read(
    mut file: impl Read + Seek,
    limits: Limits,
    found: &mut Found,
) -> Result<(), ImportError> {
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    if ZIP_MAGIC.contains(&magic.as_slice()) {
        return read_zip(file, limits, found);
    }
    let mut left = limits.unpacked_bytes;
    let text = text_of(file, &mut left, limits)?;
    document::read("", &text, found).map_err(ImportError::NotJson)
}

fn read_zip(file: impl Read + Seek, limits: Limits, found: &mut Found) -> Result<(), ImportError> {
    let mut archive = ZipArchive::new(file)?;
    if archive.len() > limits.files {
        return Err(ImportError::TooManyFiles { files: archive.len(), limit: limits.files });
    }
    // In the order of their names, so that numbered files come in their order.
    let mut names: Vec<(String, usize)> = (0..archive.len())
        .filter_map(|index| Some((archive.name_for_index(index)?.to_owned(), index)))
        .filter(|(name, _)| name.to_ascii_lowercase().ends_with(".json"))
        .collect();
    names.sort();
    let mut left = limits.unpacked_bytes;
    let mut unreadable = Vec::new();
    for (name, index) in names {
        // A name is only shown. Nothing is written under it.
        let text = match archive.by_index(index) {
            Ok(entry) => text_of(entry, &mut left, limits),
            Err(error) => Err(error.into()),
        };
        let read = match text {
            Ok(text) => document::read(&name, &text, found)
                .map_err(|error| Reason::NotJson(error.to_string())),
            Err(ImportError::TooLarge { limit }) => return Err(ImportError::TooLarge { limit }),
            Err(error) => Err(Reason::Packed(error.to_string())),
        };
        if let Err(why) = read {
            unreadable.push(Skipped { what: line(&name), why });
        }
    }
    found.report(unreadable);
    Ok(())
}

/// The whole text, as long as it fits into what is left of the bytes allowed. What is not UTF-8 is
/// replaced, because a few broken letters are no reason to lose a conversation.
fn text_of(reader: impl Read, left: &mut u64, limits: Limits) -> Result<String, ImportError> {
    let mut bytes = Vec::new();
    let read = reader.take(*left + 1).read_to_end(&mut bytes)? as u64;
    *left = left.checked_sub(read).ok_or(ImportError::TooLarge { limit: limits.unpacked_bytes })?;
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    Ok(text)
}
