//! What only a real process shows: descriptors, signals, threads, the end. Each test has a child of its own.

#[path = "../child.rs"]
mod child;

mod author_side;
mod endings;
mod handlers;
mod messages;
mod streams;
