//! HCL, as much of it as names things: blocks with their labels, and attributes that are texts or lists of texts.
//!
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>. What an expression comes to is Terraform's to know: it
//! stands here as an expression. What is broken is told by who reads further, since nothing that it needs is there.

use std::iter::Peekable;

/// How deep blocks and expressions may be nested.
const MOST_DEEP: usize = 64;

/// What stands between braces, or in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

/// `provider "registry.terraform.io/hashicorp/aws" { … }`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) line: u32,
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
}

/// `version = "5.31.0"`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) value: Value,
}

/// What an attribute is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// Of the members of a list, those that are texts.
    Texts(Vec<String>),
    Expression,
}

impl Body {
    /// The attribute of a name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The text of an attribute.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match &self.attribute(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Reads a file; gives the line where it breaks off, if it does.
    pub(super) fn read(text: &str) -> (Self, Option<u32>) {
        let mut reader = Reader { tokens: Tokens { text, at: 0, line: 1 }.peekable(), broken: None };
        let body = reader.body(0);
        (body, reader.broken)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    /// A text; `None` if it has an expression in it.
    Text(Option<String>),
    Newline,
    Sign(char),
    /// A text without an end.
    Broken,
}

struct Reader<'t> {
    tokens: Peekable<Tokens<'t>>,
    broken: Option<u32>,
}

impl Reader<'_> {
    fn body(&mut self, depth: usize) -> Body {
        let mut body = Body::default();
        while let Some((line, token)) = self.tokens.next() {
            match token {
                Token::Newline => {}
                Token::Sign('}') if depth > 0 => return body,
                Token::Name(name) | Token::Text(Some(name)) => self.member(line, name, depth, &mut body),
                _ => self.broken = self.broken.or(Some(line)),
            }
        }
        if depth > 0 {
            self.broken = self.broken.or(Some(self.line()));
        }
        body
    }

    fn member(&mut self, line: u32, name: String, depth: usize, body: &mut Body) {
        let mut labels = Vec::new();
        loop {
            match self.tokens.next() {
                Some((_, Token::Sign('='))) if labels.is_empty() => {
                    let value = self.value(line);
                    return body.attributes.push(Attribute { line, name, value });
                }
                Some((_, Token::Sign('{'))) if depth < MOST_DEEP => {
                    let inner = self.body(depth + 1);
                    return body.blocks.push(Block { line, kind: name, labels, body: inner });
                }
                Some((_, Token::Name(label) | Token::Text(Some(label)))) => labels.push(label),
                _ => {
                    self.broken = self.broken.or(Some(line));
                    return;
                }
            }
        }
    }

    /// An expression up to the end of its line, or of what it stands in. Brackets within it may go over lines.
    fn value(&mut self, line: u32) -> Value {
        let (mut open, mut tokens) = (0_usize, Vec::new());
        while let Some((_, token)) = self.tokens.peek() {
            match token {
                Token::Sign('(' | '[' | '{') => open += 1,
                Token::Sign('}') | Token::Newline if open == 0 => break,
                Token::Sign(')' | ']' | '}') => open = open.saturating_sub(1),
                _ => {}
            }
            match self.tokens.next() {
                Some((_, Token::Newline)) | None => {}
                Some((line, Token::Broken)) => self.broken = self.broken.or(Some(line)),
                Some((_, token)) => tokens.push(token),
            }
        }
        if open > 0 {
            self.broken = self.broken.or(Some(line));
        }
        match tokens.as_slice() {
            [Token::Text(Some(text))] => Value::Text(text.clone()),
            [Token::Sign('['), members @ .., Token::Sign(']')] => {
                let texts = members.iter().filter_map(|token| match token {
                    Token::Text(Some(text)) => Some(text.clone()),
                    _ => None,
                });
                Value::Texts(texts.collect())
            }
            _ => Value::Expression,
        }
    }

    fn line(&mut self) -> u32 {
        self.tokens.peek().map_or(u32::MAX, |(line, _)| *line)
    }
}

struct Tokens<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Iterator for Tokens<'_> {
    type Item = (u32, Token);

    fn next(&mut self) -> Option<Self::Item> {
        self.blanks();
        let line = self.line;
        let rest = self.rest();
        let first = rest.chars().next()?;
        let token = match first {
            '\n' => {
                self.skip(1);
                Token::Newline
            }
            '"' => {
                self.skip(1);
                self.quoted(0)
            }
            '<' if rest.starts_with("<<") => self.heredoc(),
            _ if first.is_alphanumeric() || first == '_' => {
                let part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
                let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
                let name = rest[..end].to_owned();
                self.skip(end);
                Token::Name(name)
            }
            _ => {
                self.skip(first.len_utf8());
                Token::Sign(first)
            }
        };
        Some((line, token))
    }
}

impl Tokens<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        let passed = self.text.get(self.at..self.at + bytes).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed.as_bytes()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += bytes;
    }

    /// Skips blanks and comments, but no end of a line.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.find(|c: char| c == '\n' || !c.is_whitespace()).unwrap_or(rest.len());
            let after = &rest[blank..];
            let comment = if after.starts_with('#') || after.starts_with("//") {
                after.find('\n').unwrap_or(after.len())
            } else if after.starts_with("/*") {
                after.find("*/").map_or(after.len(), |end| end + 2)
            } else {
                0
            };
            self.skip(blank + comment);
            if comment == 0 {
                return;
            }
        }
    }

    /// What stands after a quote. An expression within, `${…}`, may hold quotes of its own.
    fn quoted(&mut self, depth: usize) -> Token {
        let (mut text, mut has_expression) = (String::new(), false);
        loop {
            let mut chars = self.rest().chars();
            match (chars.next(), chars.next()) {
                (Some('"'), _) => {
                    self.skip(1);
                    return Token::Text((!has_expression).then_some(text));
                }
                (Some('\\'), Some(escaped)) => {
                    self.skip(1 + escaped.len_utf8());
                    text.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    });
                }
                (Some('$' | '%'), Some('{')) if depth < MOST_DEEP => {
                    has_expression = true;
                    self.skip(2);
                    if !self.expression(depth) {
                        return Token::Broken;
                    }
                }
                (Some('\n') | None, _) => return Token::Broken,
                (Some(one), _) => {
                    self.skip(one.len_utf8());
                    text.push(one);
                }
            }
        }
    }

    /// Skips an expression in a text, to the brace that ends it.
    fn expression(&mut self, depth: usize) -> bool {
        let mut open = 1_usize;
        while let Some(one) = self.rest().chars().next() {
            self.skip(one.len_utf8());
            match one {
                '{' => open += 1,
                '}' => open -= 1,
                '"' if self.quoted(depth + 1) == Token::Broken => return false,
                _ => {}
            }
            if open == 0 {
                return true;
            }
        }
        false
    }

    /// `<<EOT` to the line that is its word; `<<-EOT` may have that line indented.
    fn heredoc(&mut self) -> Token {
        let rest = self.rest();
        let Some((first, lines)) = rest.split_once('\n') else {
            let end = rest.len();
            self.skip(end);
            return Token::Broken;
        };
        let word = first.trim_start_matches("<<").trim_start_matches('-').trim();
        let mut length = first.len() + 1;
        for line in lines.split_inclusive('\n') {
            if line.trim() == word {
                // The end of this line is the end of the attribute.
                self.skip(length + line.trim_end().len());
                return Token::Text(None);
            }
            length += line.len();
        }
        self.skip(length);
        Token::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# comment
terraform { required_version = ">= 1.0" } // more
/* two
   lines */ module "a" {
  source  = "x/y/z" # note
  version = var.version
  policy  = <<-EOT
    module "no" { source = "no" }
    EOT
  tags    = { a = "b", c = [1, 2] }
  "quoted" = "a ${join("}", ["\"", "x"])} b"
  hashes  = [
    "h1:x", # one
    "zh:\ty",
  ]
  nested "one" two { deep = "er" }
}
"#;

    #[test]
    fn blocks_and_attributes_are_read_and_what_is_no_plain_text_is_an_expression() {
        let (body, broken) = Body::read(TEXT);
        assert_eq!(broken, None);
        let [terraform, module] = body.blocks.as_slice() else { panic!("{body:#?}") };
        assert_eq!((terraform.line, terraform.body.text("required_version")), (2, Some(">= 1.0")));
        assert_eq!(
            (module.line, module.kind.as_str(), module.labels.as_slice()),
            (4, "module", ["a".to_owned()].as_slice())
        );
        assert_eq!(module.body.text("source"), Some("x/y/z"));
        for name in ["version", "policy", "tags", "quoted"] {
            assert_eq!(module.body.attribute(name).map(|one| &one.value), Some(&Value::Expression), "{name}");
        }
        let hashes = module.body.attribute("hashes").expect("hashes");
        assert_eq!((hashes.line, &hashes.value), (12, &Value::Texts(vec!["h1:x".into(), "zh:\ty".into()])));
        let nested = module.body.blocks.first().expect("a block");
        assert_eq!(
            (nested.labels.as_slice(), nested.body.text("deep")),
            (["one".to_owned(), "two".into()].as_slice(), Some("er"))
        );
    }

    #[test]
    fn where_it_breaks_off_is_said_and_what_stands_before_is_there() {
        for end in 0..TEXT.len() {
            let (body, _) = Body::read(&TEXT[..end]);
            assert!(body.blocks.len() <= 2, "{end}");
        }
        let (body, broken) = Body::read("a = \"1\"\nb \"x\" {\n c = \"\n");
        assert_eq!((body.text("a"), body.blocks.len(), broken.is_some()), (Some("1"), 1, true));
        for hostile in
            ["{".repeat(100_000), "a{".repeat(100_000), "\"${".repeat(100_000), "<<".repeat(100_000)]
        {
            assert!(Body::read(&hostile).1.is_some());
        }
    }
}
