/** Start of an nginx configuration: one process in the foreground, errors on stderr. */
export function processDirectives(folder) {
  return `daemon off;
master_process off;
worker_processes 1;
error_log stderr error;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }`
}

/** Keeps what nginx writes out of the system's folders. */
export function temporaryPaths(folder) {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n  ')
}
