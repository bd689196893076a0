//! HTML as a browser reads it: html5ever follows the same specification, with all its repairs.

use html5ever::tendril::TendrilSink;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::{LocalName, ParseOpts, QualName, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::page::Node;

/// The nodes that `innerHTML` or `insertAdjacentHTML` would make of this text inside an element named `context`.
pub fn parse(html: &str, context: &str) -> Vec<Node> {
    let context = QualName::new(None, ns!(html), LocalName::from(context));
    // A byte order mark counts as such where bytes are decoded, and here text comes in.
    let tokenizer = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let options = ParseOpts { tokenizer, ..ParseOpts::default() };
    let dom = parse_fragment(RcDom::default(), options, context, Vec::new(), true).one(html);
    let document = dom.document.children.borrow();
    let [root] = document.as_slice() else { panic!("a fragment has one root: {html:?}") };
    nodes(root)
}

fn nodes(parent: &Handle) -> Vec<Node> {
    parent.children.borrow().iter().map(node).collect()
}

fn node(handle: &Handle) -> Node {
    let element = |name: &str, attributes| Node::Element {
        name: name.to_owned(),
        attributes,
        children: nodes(handle),
    };
    match &handle.data {
        NodeData::Text { contents } => Node::Text(contents.borrow().to_string()),
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let attributes =
                attributes.iter().map(|each| (each.name.local.to_string(), each.value.to_string()));
            element(&name.local, attributes.collect())
        }
        // No page of ours may hold one, and the list of what it may hold has no such name.
        _ => element("#comment", Vec::new()),
    }
}
