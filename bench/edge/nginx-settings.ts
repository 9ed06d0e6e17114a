/** What every nginx of a run has in common: one worker, in the foreground, nothing outside its own folder. */

export function nginxSettings(own: string, { connectionsMax }: { readonly connectionsMax: number }): string {
  return `worker_processes 1;
daemon off;
pid ${own}/nginx.pid;
error_log ${own}/error.log error;
${runsAsRoot() ? 'user root;' : ''}
events { worker_connections ${connectionsMax}; }`
}

/** For the http block: the usual ones belong to the system's own nginx. */
export function nginxTemporaryFolders(own: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${own}/${kind};`)
    .join('\n  ')
}

// --- internal ---

/** Its workers would change to a user that can't read our folder. */
function runsAsRoot(): boolean {
  return process.getuid?.() === 0
}
