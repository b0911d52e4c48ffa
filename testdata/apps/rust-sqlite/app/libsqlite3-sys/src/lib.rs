//! The system's SQLite, as the crate of this name links it.
use std::ffi::CStr;
use std::os::raw::c_char;

#[link(name = "sqlite3")]
extern "C" {
    fn sqlite3_libversion() -> *const c_char;
}

pub fn version() -> &'static str {
    unsafe { CStr::from_ptr(sqlite3_libversion()) }.to_str().unwrap()
}
