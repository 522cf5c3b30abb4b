# The few things one does daily. `just` alone lists them.

default:
    @just --list

# Pass the tests; arguments go to cargo test (just test -p floodmark-case)
test *ARGS:
    ./test {{ARGS}}

# Formatting, clippy and documentation, as CI has them
lint:
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

# Write the schema, the command reference, the man pages and the rule catalogue
generate:
    cargo xtask generate

# Run a benchmark (just bench trace --runs 1)
bench NAME *ARGS:
    bench/{{NAME}} {{ARGS}}

# Fuzz a reader until it is stopped; needs nightly and cargo-fuzz
fuzz TARGET *ARGS:
    cargo +nightly fuzz run {{TARGET}} {{ARGS}}

# Everything that must hold before a merge
ci:
    .ci/run
