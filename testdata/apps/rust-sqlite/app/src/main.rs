//! Prints the major version of the SQLite that it is linked to.
fn main() {
    println!("sqlite {}", libsqlite3_sys::version().split('.').next().unwrap());
}
