//! `record!`: a row as a plain struct, with its column list, reading, inserting and updating made from one definition.

/// Defines a row struct. Field names are column names; the first field is the key that `update_row` goes by.
macro_rules! record {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:literal {
            $(#[$kdoc:meta])* pub $key:ident: $ktype:ty,
            $($(#[$fdoc:meta])* pub $field:ident: $ftype:ty),* $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(#[$kdoc])* pub $key: $ktype,
            $($(#[$fdoc])* pub $field: $ftype),*
        }

        #[allow(dead_code, reason = "not every row is inserted or updated whole")]
        impl $name {
            /// The columns, qualified by the table, in the order that `read` takes them.
            pub(crate) const COLUMNS: &'static str =
                concat!($table, ".", stringify!($key) $(, ", ", $table, ".", stringify!($field))*);

            pub(crate) fn read(row: &mut $crate::Row) -> $crate::Result<Self> {
                Ok($name { $key: row.get()?, $($field: row.get()?),* })
            }

            pub(crate) fn values(&self) -> Vec<$crate::Value> {
                vec![$crate::Value::from(&self.$key) $(, $crate::Value::from(&self.$field))*]
            }

            pub(crate) fn insert_row(&self, tx: &mut $crate::Tx<'_>) -> $crate::Result<()> {
                Self::insert_values(tx, &self.values())
            }

            /// Inserts a row that is values already, one for each column.
            pub(crate) fn insert_values(
                tx: &mut $crate::Tx<'_>,
                values: &[$crate::Value],
            ) -> $crate::Result<()> {
                const NAMES: &[&str] = &[stringify!($key) $(, stringify!($field))*];
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new(|| $crate::record::insert_sql($table, NAMES));
                tx.execute(&SQL, values).map(|_| ())
            }

            pub(crate) fn update_row(&self, tx: &mut $crate::Tx<'_>) -> $crate::Result<()> {
                const NAMES: &[&str] = &[$(stringify!($field)),*];
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new(|| $crate::record::update_sql($table, stringify!($key), NAMES));
                match tx.execute(&SQL, &self.values())? {
                    1 => Ok(()),
                    _ => Err($crate::StoreError::Absent),
                }
            }

            /// Rows of `SELECT columns FROM {tail}`.
            pub(crate) fn select(
                tx: &mut $crate::Tx<'_>,
                tail: &str,
                values: &[$crate::Value],
            ) -> $crate::Result<Vec<Self>> {
                let sql = format!("SELECT {} FROM {tail}", Self::COLUMNS);
                tx.query(&sql, values)?.iter_mut().map(Self::read).collect()
            }

            /// The row of `SELECT columns FROM {tail}`, if there is one.
            pub(crate) fn find(
                tx: &mut $crate::Tx<'_>,
                tail: &str,
                values: &[$crate::Value],
            ) -> $crate::Result<Option<Self>> {
                Ok(Self::select(tx, tail, values)?.into_iter().next())
            }
        }
    };
}

pub(crate) use record;

/// `INSERT` of every column.
pub(crate) fn insert_sql(table: &str, names: &[&str]) -> String {
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        placeholders(1, names.len())
    )
}

/// `UPDATE` of every column but the key, which is `$1`.
pub(crate) fn update_sql(table: &str, key: &str, names: &[&str]) -> String {
    let sets: Vec<String> = names
        .iter()
        .zip(2..)
        .map(|(name, place)| format!("{name} = ${place}"))
        .collect();
    format!("UPDATE {table} SET {} WHERE {key} = $1", sets.join(", "))
}

/// Values in one `IN` list at the most: well below either engine's limit of parameters.
pub(crate) const CHUNK: usize = 500;

/// Every item as a value.
pub(crate) fn all_values<T: crate::ToValue>(items: &[T]) -> Vec<crate::Value> {
    items.iter().map(crate::Value::from).collect()
}

/// `$from, $from+1, …`, `count` of them.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    (from..from + count)
        .map(|place| format!("${place}"))
        .collect::<Vec<_>>()
        .join(", ")
}
