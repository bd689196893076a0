//! From nodes that name their parents to a tree whose messages stand behind their parents.
//!
//! Nodes come from strangers: they may name parents that do not exist, each other in a circle, or
//! themselves. Every message that was read stays; where its way up is broken, it becomes a root.

use std::collections::HashMap;

use protocol::Role;

use super::{Entry, Reason, text};
use crate::{Conversation, Message};

/// A message as it was read, with its parent by name.
#[derive(Debug, Clone, Default)]
pub struct Node {
    pub key: String,
    pub parent: Option<String>,
    /// `None` where nothing is shown. Its children then belong to its own parent.
    pub message: Option<Draft>,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub struct Draft {
    pub role: Role,
    pub content: String,
    pub reasoning: String,
    pub model: Option<String>,
    pub created_at: Option<i64>,
}

impl Draft {
    /// Without reasoning, model or time.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            reasoning: String::new(),
            model: None,
            created_at: None,
        }
    }
}

/// What a conversation has beside its messages, with the end of its path by name.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub key: String,
    pub title: Option<String>,
    pub created_at: Option<i64>,
    pub updated_at: Option<i64>,
    pub pinned: bool,
    pub archived: bool,
    pub folder: Option<String>,
    pub system: Option<String>,
    pub active: Option<String>,
}

/// Puts a conversation together. The messages keep the order of the nodes, unless one stands before
/// its parent.
///
/// # Errors
/// If there is no message in it.
pub fn conversation(frame: Frame, nodes: Vec<Node>) -> Result<Entry, Reason> {
    let mut losses = Vec::new();
    let nodes = unique(nodes, &mut losses);
    let places: HashMap<&str, usize> =
        nodes.iter().enumerate().map(|(index, node)| (node.key.as_str(), index)).collect();
    let above: Vec<Option<usize>> = nodes
        .iter()
        .map(|node| node.parent.as_deref().and_then(|parent| places.get(parent).copied()))
        .collect();
    let lost = |(node, above): (&Node, &Option<usize>)| node.parent.is_some() && above.is_none();
    if nodes.iter().zip(&above).any(lost) {
        losses.push(Reason::MissingParent);
    }
    let active = frame.active.as_deref().and_then(|active| places.get(active).copied());

    let mut order = Order::new(nodes.len());
    for node in 0..nodes.len() {
        order.place(node, &above, &nodes);
    }
    if order.circle {
        losses.push(Reason::Circle);
    }
    let active = active.and_then(|node| order.stands_for[node]);
    let mut drafts: Vec<Option<(String, Draft)>> =
        nodes.into_iter().map(|node| Some((node.key, node.message?))).collect();
    let mut messages: Vec<Message> = Vec::new();
    for (node, parent) in order.messages {
        let Some((key, draft)) = drafts[node].take() else { continue };
        let from_parent =
            parent.and_then(|parent| messages.get(parent)).map(|parent| parent.created_at);
        messages.push(Message {
            key,
            parent,
            role: draft.role,
            content: text::clean(&draft.content),
            reasoning: text::clean(&draft.reasoning),
            model: draft.model.as_deref().map(text::line).filter(|model| !model.is_empty()),
            created_at: draft.created_at.or(from_parent).or(frame.created_at).unwrap_or(0),
            files: Vec::new(),
        });
    }
    if messages.is_empty() {
        return Err(Reason::NoMessages);
    }
    Ok(Entry { conversation: framed(frame, active, messages), losses })
}

fn framed(frame: Frame, active: Option<usize>, messages: Vec<Message>) -> Conversation {
    let given = frame.title.as_deref().map(text::line).filter(|title| !title.is_empty());
    let title = given.unwrap_or_else(|| {
        let question = messages.iter().find(|message| message.role == Role::User);
        let words: String =
            question.iter().flat_map(|question| question.content.chars()).take(60).collect();
        Some(text::line(&words)).filter(|title| !title.is_empty()).unwrap_or_else(|| "…".to_owned())
    });
    let times = || messages.iter().map(|message| message.created_at).filter(|time| *time > 0);
    let created_at = frame.created_at.or_else(|| times().min()).unwrap_or(0);
    Conversation {
        key: text::clean(&frame.key),
        title,
        created_at,
        updated_at: frame.updated_at.or_else(|| times().max()).unwrap_or(created_at),
        pinned: frame.pinned,
        archived: frame.archived,
        folder: frame.folder.as_deref().map(text::line).filter(|folder| !folder.is_empty()),
        system: frame.system.as_deref().map(text::clean).filter(|system| !system.trim().is_empty()),
        active: active.or_else(|| messages.len().checked_sub(1)),
        messages,
    }
}

/// The nodes without those whose key another has, and with keys that can be stored.
fn unique(nodes: Vec<Node>, losses: &mut Vec<Reason>) -> Vec<Node> {
    let mut seen = std::collections::HashSet::new();
    let before = nodes.len();
    let nodes: Vec<Node> = nodes
        .into_iter()
        .map(|node| Node {
            key: text::clean(&node.key),
            parent: node.parent.as_deref().map(text::clean),
            ..node
        })
        .filter(|node| seen.insert(node.key.clone()))
        .collect();
    if nodes.len() < before {
        losses.push(Reason::SameMessageId);
    }
    nodes
}

/// The order of the messages while it is found.
struct Order {
    /// What is known of each node.
    states: Vec<State>,
    /// The message that a node is or, where it shows nothing, the next one above it.
    stands_for: Vec<Option<usize>>,
    /// The nodes that are messages, each with the index of its parent in this list.
    messages: Vec<(usize, Option<usize>)>,
    circle: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    /// On the way up that is being gone.
    OnTheWay,
    Placed,
}

impl Order {
    fn new(nodes: usize) -> Self {
        Self {
            states: vec![State::Unknown; nodes],
            stands_for: vec![None; nodes],
            messages: Vec::new(),
            circle: false,
        }
    }

    /// Gives a node and everything above it their places. Every node is passed twice at most, so
    /// the whole takes time in proportion to the number of nodes, whatever their shape.
    fn place(&mut self, node: usize, above: &[Option<usize>], nodes: &[Node]) {
        let mut way = Vec::new();
        let mut next = Some(node);
        while let Some(node) = next {
            match self.states[node] {
                State::Placed => break,
                State::OnTheWay => {
                    self.circle = true;
                    next = None;
                    continue;
                }
                State::Unknown => {
                    self.states[node] = State::OnTheWay;
                    way.push(node);
                    next = above[node];
                }
            }
        }
        let mut parent = next.and_then(|placed| self.stands_for[placed]);
        for node in way.into_iter().rev() {
            if nodes[node].message.is_some() {
                self.messages.push((node, parent));
                parent = Some(self.messages.len() - 1);
            }
            self.stands_for[node] = parent;
            self.states[node] = State::Placed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes as `key<parent`, with `-` before those that show nothing. Expected are the messages
    /// as `key<parent`.
    fn check(nodes: &str, active: &str, expected: &str, ends_at: &str) -> Vec<Reason> {
        let nodes = nodes
            .split_whitespace()
            .map(|node| {
                let (key, parent) = node.split_once('<').unwrap_or((node, ""));
                Node {
                    key: key.trim_start_matches('-').to_owned(),
                    parent: (!parent.is_empty()).then(|| parent.to_owned()),
                    message: (!key.starts_with('-')).then(|| Draft::new(Role::User, key)),
                }
            })
            .collect();
        let frame = Frame { active: Some(active.to_owned()), ..Frame::default() };
        let Entry { conversation, losses } = conversation(frame, nodes).unwrap();
        let written: Vec<String> = conversation
            .messages
            .iter()
            .map(|message| match message.parent {
                Some(parent) => format!("{}<{}", message.key, conversation.messages[parent].key),
                None => message.key.clone(),
            })
            .collect();
        assert_eq!(written.join(" "), expected);
        assert_eq!(conversation.messages[conversation.active.unwrap()].key, ends_at);
        losses
    }

    #[test]
    fn whatever_the_nodes_say_it_becomes_a_tree() {
        assert!(check("a b<a c<b", "c", "a b<a c<b", "c").is_empty());
        assert!(check("a b<a c<a", "b", "a b<a c<a", "b").is_empty());
        assert!(check("c<b b<a a", "c", "a b<a c<b", "c").is_empty());
        assert!(check("-r a<r -t<a b<t", "-t", "a b<a", "b").is_empty());
        assert!(check("-r a<r -t<a", "t", "a", "a").is_empty());
        assert!(check("a b<a", "nowhere", "a b<a", "b").is_empty());
        assert_eq!(check("a b<x", "b", "a b", "b").len(), 1);
        assert_eq!(check("a<a", "a", "a", "a").len(), 1);
        assert_eq!(check("a<c b<a c<b", "c", "b c<b a<c", "c").len(), 1);
        assert_eq!(check("a b<a a<b", "b", "a b<a", "b").len(), 1);
    }

    #[test]
    fn a_very_long_chain_is_no_problem() {
        let nodes = (0..200_000)
            .rev()
            .map(|n| Node {
                key: n.to_string(),
                parent: (n > 0).then(|| (n - 1).to_string()),
                message: Some(Draft::new(Role::User, "x")),
            })
            .collect();
        let conversation = conversation(Frame::default(), nodes).unwrap().conversation;
        assert_eq!(conversation.messages.len(), 200_000);
        assert_eq!(conversation.active_path().len(), 200_000);
    }

    #[test]
    fn nothing_to_show_is_said() {
        assert!(conversation(Frame::default(), vec![Node::default()]).is_err());
    }
}
