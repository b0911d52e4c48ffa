use std::ffi::CStr;
use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let version = unsafe { CStr::from_ptr(openssl_sys::OpenSSL_version(0)) }.to_string_lossy();
    for connection in TcpListener::bind("0.0.0.0:8080").unwrap().incoming() {
        let mut connection = connection.unwrap();
        let _ = connection.read(&mut [0; 1024]);
        let _ = write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", version.len(), version);
    }
}
