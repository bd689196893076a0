//! The routes, called in process as browsers and other programs would.
//!
//! Whoever acts in them is a type, and goes through public routes only: see [`actors`]. Every
//! response is searched for the upstream's key, see [`reply`].

mod house;
mod actors;
mod reply;
mod html;
mod routes;
mod signing_in;
mod same_site;
mod asking;
mod choosing;
mod files;
mod events;
mod pages;
mod plain_pages;
mod keys;
mod hostile;
mod unscripted;
mod rendering;
mod colours;
mod compression;
mod every_response;
mod transfer;
mod usage;
mod library;
mod relay;
mod programs;
mod websocket;
mod connections;
mod tokens;
