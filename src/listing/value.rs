//! Plain values with names, in an order that is kept.
//!
//! Never knows how they are written.

/// A plain value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Text, as it was on the wire: to be escaped.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Bool(bool),
    /// Values in order.
    List(Vec<Value>),
    /// Named values in order.
    Object(Fields),
}

/// Named values in order. What is absent on the wire is left out.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fields(pub Vec<(&'static str, Value)>);

impl Fields {
    /// Adds a value.
    pub fn push(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }

    /// Adds a value, unless there is one of this name.
    pub fn push_new(&mut self, name: &'static str, value: impl Into<Value>) {
        if !self.0.iter().any(|(known, _)| *known == name) {
            self.push(name, value);
        }
    }

    /// Adds a value that may be absent.
    pub fn push_some(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// Adds a list, unless it is empty.
    pub fn push_list<T: Into<Value>>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) {
        let list: Vec<Value> = values.into_iter().map(Into::into).collect();
        if !list.is_empty() {
            self.push(name, Value::List(list));
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields)
    }
}
