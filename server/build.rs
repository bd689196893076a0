//! Has the binary built again when the site that it embeds was.

fn main() {
    let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site");
    // Cargo runs this before every build while the folder is missing, so it is made. Without it,
    // the embedded site is empty, which only a build by hand meets.
    if let Err(error) = std::fs::create_dir_all(site) {
        println!("cargo::warning=the folder {site} could not be made: {error}");
    }
    println!("cargo::rerun-if-changed={site}");
}
