//! Files that were uploaded and not imported yet. Each lies in the data folder under an id that
//! cannot be guessed, for an hour at most, and goes when it is imported or the server starts.

use std::{
    fmt,
    fs::File,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use axum::extract::multipart::{Field, MultipartError};
use tokio::{io::AsyncWriteExt, sync::Semaphore};

/// How long a file waits to be confirmed.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// Names a file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadId(String);

impl UploadId {
    fn generate() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UploadId {
    type Err = ();

    /// Nothing else can be an id, so none leads out of the folder.
    fn from_str(text: &str) -> Result<Self, ()> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(is_digit)).then(|| Self(text.to_owned())).ok_or(())
    }
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The form had no file in it.
    #[error("no file was sent")]
    NoFile,
    /// The file is too large.
    #[error("the file has more than {limit} bytes (limits.max_import_bytes)")]
    TooLarge {
        /// The most allowed.
        limit: u64,
    },
    /// The browser sent something else, or stopped in the middle.
    #[error("the file did not arrive whole: {0}")]
    CutOff(#[from] MultipartError),
    /// The file could not be written.
    #[error("the file could not be kept: {0}")]
    Io(#[from] io::Error),
}

/// The folder of uploaded files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    folder: Arc<Path>,
    /// The largest file that is taken, in bytes.
    pub max_bytes: u64,
    /// Files are read one at a time, since what is in one may fill a good part of the memory.
    pub reading: Arc<Semaphore>,
}

impl Uploads {
    /// The folder below the data folder. What an earlier server left there is removed.
    pub fn below(data: &Path, max_bytes: u64) -> Self {
        let folder = data.join("imports");
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, folder = %folder.display(), "old imports could not be removed");
            }
            _ => {}
        }
        Self { folder: folder.into(), max_bytes, reading: Arc::new(Semaphore::new(1)) }
    }

    /// Writes a file to the disk as it comes. If it is too large, what comes is not kept but read to
    /// its end, or up to as much again, because a browser that cannot send on shows no answer.
    pub async fn keep(&self, mut field: Field<'_>) -> Result<UploadId, UploadError> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let id = UploadId::generate()?;
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(self.path(&id)).await?;
        // Removed again unless everything arrives.
        let half = Half(Some(self.path(&id)));
        let mut length: u64 = 0;
        while let Some(chunk) = field.chunk().await? {
            length += chunk.len() as u64;
            if length <= self.max_bytes {
                file.write_all(&chunk).await?;
            } else if length > self.max_bytes.saturating_mul(2) {
                break;
            }
        }
        if length > self.max_bytes {
            return Err(UploadError::TooLarge { limit: self.max_bytes });
        }
        if length == 0 {
            return Err(UploadError::NoFile);
        }
        file.flush().await?;
        half.keep();
        let (uploads, forgotten) = (self.clone(), id.clone());
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            uploads.remove(&forgotten).await;
        });
        Ok(id)
    }

    /// Opens a file, or gives `None` if it is no longer there.
    pub fn open(&self, id: &UploadId) -> io::Result<Option<File>> {
        match File::open(self.path(id)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes a file, if it is still there.
    pub async fn remove(&self, id: &UploadId) {
        match tokio::fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, "an uploaded file could not be removed; the next start does");
            }
            _ => {}
        }
    }

    fn path(&self, id: &UploadId) -> PathBuf {
        self.folder.join(&id.0)
    }
}

/// A file that has not arrived whole. It is removed when this is dropped, also when the request is.
struct Half(Option<PathBuf>);

impl Half {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            std::fs::remove_file(path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_nowhere_else() {
        let id = UploadId::generate().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert_ne!(UploadId::generate().unwrap(), id);
        for text in ["", "..", "../../../etc/passwd", &"A".repeat(32), &"/".repeat(32)] {
            assert_eq!(text.parse::<UploadId>(), Err(()), "{text:?}");
        }
    }
}
