use std::os::raw::{c_char, c_int};

#[link(name = "crypto")]
extern "C" {
    pub fn OpenSSL_version(kind: c_int) -> *const c_char;
}
