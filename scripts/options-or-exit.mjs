/** What `read` makes of the command line. Prints the help that is asked for, or what is wrong in one line, and ends. */
export function optionsOrExit(command, help, read) {
  try {
    const options = read(process.argv.slice(2))
    if (!options.help) return options
    process.stdout.write(help)
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${command}: ${error.message}\n`)
    process.exit(2)
  }
}
