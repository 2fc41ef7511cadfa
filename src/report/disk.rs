//! The few file operations that the journal and the CSV are made of, behind a trait, so
//! that the recovery code can be run on a disk that loses what was not synced.

use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::path::Path;

use fs_err as fs;

/// A disk.
pub(crate) trait Disk: Clone + Debug + Send + 'static {
    /// An open file.
    type File: DiskFile;

    /// Makes a file for its owner alone, or empties the one there is.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    /// Opens a file for appending; makes it, for its owner alone, where there is none.
    fn append(&self, path: &Path) -> io::Result<Self::File>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
    /// Replaces another file by this one, atomically.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Syncs this folder: the names of files made, renamed or removed in it.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Gives `path` the mode of `like`, where there is such a file.
    fn dress(&self, path: &Path, like: &Path) -> io::Result<()>;
}

/// An open file.
pub(crate) trait DiskFile: Write + Debug + Send + 'static {
    /// Makes everything written safe.
    fn sync(&mut self) -> io::Result<()>;
    /// Removes what lies beyond `len` bytes, reserved blocks included.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Reserves blocks for `bytes` more beyond `len`, so that writing them cannot meet a
    /// full disk. A file system that cannot do that is not an error.
    fn reserve(&mut self, len: u64, bytes: u64) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RealDisk;

impl Disk for RealDisk {
    type File = fs::File;

    fn create(&self, path: &Path) -> io::Result<fs::File> {
        let mut options = fs::OpenOptions::new();
        guarded(options.write(true).create(true).truncate(true)).open(path)
    }

    fn append(&self, path: &Path) -> io::Result<fs::File> {
        let mut options = fs::OpenOptions::new();
        guarded(options.append(true).create(true)).open(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        // Asked before it is opened: to open a pipe is to wait for its writer.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other(format!("{} is not a regular file", path.display())));
        }
        Ok(Box::new(fs::File::open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        fs::File::open(folder)?.sync_all()
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    fn dress(&self, path: &Path, like: &Path) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let Ok(found) = fs::metadata(like) else { return Ok(()) };
        let mode = found.permissions().mode() & 0o777;
        fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    fn dress(&self, _path: &Path, _like: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// What is made is for its owner alone; a link planted in its place is not followed.
#[cfg(unix)]
pub(crate) fn guarded(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use fs_err::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
}

#[cfg(not(unix))]
pub(crate) fn guarded(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

impl DiskFile for fs::File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    #[cfg(target_os = "linux")]
    fn reserve(&mut self, len: u64, bytes: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        match fallocate(self.file(), FallocateFlags::KEEP_SIZE, len, bytes) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            done => Ok(done?),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn reserve(&mut self, _len: u64, _bytes: u64) -> io::Result<()> {
        Ok(())
    }
}
