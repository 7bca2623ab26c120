//! Files of a sandbox, read and written from within it: whatever a path or a symbolic link says, it stays inside.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{run::run, sandbox::Sandbox};
use crate::{CALL_DEADLINE, Error, Output, Result, RunSpec};

const WRITE: &str = r#"set -e; mkdir -p -- "${1%/*}/"; cat >"$1"; chmod -- "$2" "$1""#;
const READ: &str = r#"[ -e "$1" ] || exit 44; [ -f "$1" ] || exit 45; exec head -c "$2" -- "$1""#;

/// Exit codes of [`READ`] that no program in it has.
const NOTHING_THERE: i32 = 44;
const NO_FILE: i32 = 45;

/// Writes a file; its directory is made where missing.
pub(super) async fn write(sandbox: &Sandbox, path: &str, content: Bytes, mode: u32) -> Result<()> {
    let output = script(sandbox, WRITE, path, format!("{mode:o}"), 0, content).await?;
    match output.code {
        0 => Ok(()),
        _ => Err(refused(path, &output)),
    }
}

/// Reads a file of at most `max` bytes.
pub(super) async fn read(sandbox: &Sandbox, path: &str, max: usize) -> Result<Bytes> {
    let enough = max.saturating_add(1);
    let output = script(sandbox, READ, path, enough.to_string(), enough, Bytes::new()).await?;
    match output.code {
        0 if output.stdout.len() > max => Err(Error::TooLarge(max)),
        0 => Ok(output.stdout),
        NOTHING_THERE => Err(Error::NotFound(path.to_owned())),
        NO_FILE => Err(Error::Refused(format!("{path} is no regular file"))),
        _ => Err(refused(path, &output)),
    }
}

async fn script(
    sandbox: &Sandbox,
    script: &str,
    path: &str,
    argument: String,
    max_output: usize,
    input: Bytes,
) -> Result<Output> {
    if !path.starts_with('/') || path.ends_with('/') || path.contains('\0') {
        return Err(Error::Refused(format!(
            "expected a file's path from the root, found {path:?}"
        )));
    }
    let command = ["/bin/sh", "-c", script, "sh", path, &argument].map(str::to_owned).to_vec();
    let spec = RunSpec {
        command,
        environment: BTreeMap::new(),
        cwd: Some("/".to_owned()),
        user: None,
        group: None,
        deadline: CALL_DEADLINE,
        max_output: max_output.max(4096),
    };
    run(sandbox, &spec, input).await
}

fn refused(path: &str, output: &Output) -> Error {
    Error::Refused(format!("{path}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
