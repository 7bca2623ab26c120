//! The few classes of coloured code, and which of Sublime Text's scopes belong to each.

use syntect::parsing::{ParseScopeError, Scope};

/// How a piece of code is coloured. The names are those of the page's tokens, so there are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Comment,
    String,
    Number,
    Keyword,
    Operator,
    Function,
    Variable,
}

impl Class {
    /// The class in HTML.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Comment => "hl-comment",
            Self::String => "hl-string",
            Self::Number => "hl-number",
            Self::Keyword => "hl-keyword",
            Self::Operator => "hl-operator",
            Self::Function => "hl-function",
            Self::Variable => "hl-variable",
        }
    }
}

/// Scopes by their beginning; of two that fit the first one counts.
const RULES: [(&str, Class); 20] = [
    ("comment", Class::Comment),
    ("constant.numeric", Class::Number),
    ("constant.language", Class::Keyword),
    ("constant", Class::Number),
    ("string", Class::String),
    ("keyword.operator", Class::Operator),
    ("keyword", Class::Keyword),
    ("storage", Class::Keyword),
    ("entity.name.tag", Class::Keyword),
    ("entity.other.attribute-name", Class::Variable),
    ("entity.name.function", Class::Function),
    ("entity.name", Class::Function),
    ("support.function", Class::Function),
    ("support.type.property-name", Class::Keyword),
    ("support", Class::Function),
    ("variable.function", Class::Function),
    ("variable.language", Class::Keyword),
    ("variable", Class::Variable),
    ("meta.mapping.key", Class::Keyword),
    ("markup.heading", Class::Keyword),
];

/// Tells the class of a stack of scopes.
#[derive(Debug)]
pub(super) struct Classes(Vec<(Scope, Class)>);

impl Classes {
    pub(super) fn new() -> Result<Self, ParseScopeError> {
        RULES
            .into_iter()
            .map(|(scope, class)| Ok((Scope::new(scope)?, class)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The class of the innermost scope that has one.
    pub(super) fn of(&self, stack: &[Scope]) -> Option<Class> {
        stack.iter().rev().find_map(|scope| {
            let rule = self.0.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
            rule.map(|(_, class)| *class)
        })
    }
}
