use regex::Regex;
use serde::Serialize;
use tiny_http::{Response, Server};

#[derive(Serialize)]
struct Counted {
    words: usize,
}

// Tells how many words the path has.
fn main() {
    let word = Regex::new(r"[\pL\pN]+").unwrap();
    let server = Server::http("0.0.0.0:8000").unwrap();
    for request in server.incoming_requests() {
        let counted = Counted { words: word.find_iter(request.url()).count() };
        let text = serde_json::to_string(&counted).unwrap();
        let _ = request.respond(Response::from_string(text));
    }
}
