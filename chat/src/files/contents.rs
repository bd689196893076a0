//! The folder of contents. Each lies once, under its hash: `files/ab/cdef…`.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::store::ContentHash;

/// Where contents are written before they have their name. Whatever is there at a start is from
/// a crash.
const INCOMING: &str = "incoming";

/// The folder of contents. It is made when the first file comes.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    root: PathBuf,
}

impl Contents {
    /// The folder below the data folder.
    pub(crate) fn new(data: &Path) -> Self {
        Self { root: data.join("files") }
    }

    /// Keeps a content. When this returns, it survives power loss.
    pub(super) async fn keep(&self, bytes: Bytes) -> io::Result<ContentHash> {
        let contents = self.clone();
        blocking(move || {
            let hash: ContentHash = Sha256::digest(&bytes).into();
            contents.write(&hash, &bytes)?;
            Ok(hash)
        })
        .await
    }

    /// Reads a content.
    pub(crate) async fn read(&self, hash: &ContentHash) -> io::Result<Vec<u8>> {
        let path = self.path(hash);
        blocking(move || fs::read(path)).await
    }

    /// Removes these contents, and what a crash left half-written.
    pub(super) async fn tidy(&self, unused: Vec<ContentHash>) -> io::Result<()> {
        let contents = self.clone();
        blocking(move || {
            for hash in unused {
                absent_is_fine(fs::remove_file(contents.path(&hash)))?;
            }
            absent_is_fine(fs::remove_dir_all(contents.root.join(INCOMING)))
        })
        .await
    }

    fn write(&self, hash: &ContentHash, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(hash);
        if path.exists() {
            return Ok(());
        }
        let incoming = self.root.join(INCOMING);
        fs::create_dir_all(&incoming)?;
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        // Two that bring the same content at once must not write to the same file.
        let half_written = incoming.join(uuid::Uuid::now_v7().simple().to_string());
        let mut file = fs::File::create_new(&half_written)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half_written, &path)?;
        // A name is as lasting as the folder that holds it.
        #[cfg(unix)]
        for folder in [folder, &self.root] {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let (first, rest) = hex.split_at(2);
        self.root.join(first).join(rest)
    }
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_content_lies_once_under_its_hash() {
        let data = tempfile::tempdir().unwrap();
        let contents = Contents::new(data.path());
        let hash = contents.keep(Bytes::from_static(b"abc")).await.unwrap();
        assert_eq!(contents.keep(Bytes::from_static(b"abc")).await.unwrap(), hash);
        // The hash is FIPS 180-2's own example.
        let path = data
            .path()
            .join("files/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(fs::read(path).unwrap(), b"abc");
        assert_eq!(contents.read(&hash).await.unwrap(), b"abc");
        let half_written = fs::read_dir(data.path().join("files/incoming")).unwrap();
        assert_eq!(half_written.count(), 0);
    }

    #[tokio::test]
    async fn a_start_removes_what_it_is_told_and_what_is_half_written() {
        let data = tempfile::tempdir().unwrap();
        let contents = Contents::new(data.path());
        contents.tidy(vec![[0; 32]]).await.unwrap();
        let [kept, unused] = [
            contents.keep(Bytes::from_static(b"kept")).await.unwrap(),
            contents.keep(Bytes::from_static(b"un")).await.unwrap(),
        ];
        fs::write(data.path().join("files/incoming/x"), "half").unwrap();
        contents.tidy(vec![unused]).await.unwrap();
        assert_eq!(contents.read(&kept).await.unwrap(), b"kept");
        assert_eq!(contents.read(&unused).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(!data.path().join("files/incoming").exists());
    }
}
