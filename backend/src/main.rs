//! `tryit`: see `tryit --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tryit::cli::main()
}
