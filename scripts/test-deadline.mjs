// Preloaded into every test file: one that does not end, for a server left open or a promise never settled, fails.
const LIMIT_MS = 3 * 60_000

// The process that starts the test files loads this too, and may take longer.
if (process.env.NODE_TEST_CONTEXT !== undefined)
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((what) => what !== 'Timeout')
    process.stderr.write(
      `${process.argv[1]}: not finished after ${LIMIT_MS / 1000} s, still open: ${open.join(', ')}\n`
    )
    process.exit(1)
  }, LIMIT_MS).unref()
