/** nginx and php-fpm in front of two copies of one application. */
import { type Database, databaseEnvironment } from './databases.ts'
import type { SideName } from './sides.ts'

/** What every visitor is told the site is called. */
export const publicHost = 'www.compat.example'

export interface SiteFolders {
  readonly documents: string
  readonly storage: string
}

export interface ServedSite extends SiteFolders {
  readonly side: SideName
  readonly port: number
  readonly socket: string
  readonly database: Database
}

/** Applications go on working when an answer is out. With one worker, the next request meets what that has done. */
const phpWorkersPerSide = 1

export function fpmSettings(folder: string, sites: readonly ServedSite[]): string {
  const user = process.getuid?.() === 0 ? ['user = root', 'group = root'] : []
  const pools = sites.map((site) =>
    [
      `[${site.side}]`,
      ...user,
      `listen = ${site.socket}`,
      'pm = static',
      `pm.max_children = ${phpWorkersPerSide}`,
      'catch_workers_output = yes',
      ...Object.entries(databaseEnvironment(site.database)).map(([name, value]) => `env[${name}] = ${value}`),
      `env[COMPAT_STORAGE] = ${site.storage}`,
      'php_admin_value[mysqli.default_host] = 127.0.0.1',
      `php_admin_value[mysqli.default_port] = ${site.database.port}`,
      `php_admin_value[session.save_path] = ${site.storage}/sessions`,
      `php_admin_value[upload_tmp_dir] = ${site.storage}/temporary`,
      `php_admin_value[sys_temp_dir] = ${site.storage}/temporary`,
      `php_admin_value[error_log] = ${site.storage}/php-error.log`,
    ].join('\n'),
  )
  return `[global]
error_log = ${folder}/php-fpm.log
daemonize = no

${pools.join('\n\n')}
`
}

/** Settings of PHP itself, as php.ini has them. */
export const phpSettings: readonly string[] = [
  'date.timezone = UTC',
  'memory_limit = 256M',
  'upload_max_filesize = 32M',
  'post_max_size = 33M',
  'sendmail_path = "cat > /dev/null"',
  'display_errors = Off',
  'log_errors = On',
  'opcache.revalidate_freq = 0',
]

/** @param rules the application's own locations; \`{php}\` in them stands for the way to PHP */
export function nginxSettings(
  folder: string,
  sites: readonly ServedSite[],
  rules: (site: SiteFolders) => string,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log warn;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/nginx-${name};`).join('\n  ')}
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;
  keepalive_timeout 65;
  client_max_body_size 33m;
  large_client_header_buffers 4 32k;
  # The two listen on ports that no visitor sees.
  port_in_redirect off;
  gzip on;
  gzip_proxied any;
  gzip_types text/css text/plain text/xml application/javascript application/json application/xml image/svg+xml;
${sites.map((site) => serverBlock(site, rules(site))).join('\n')}
}
`
}

// --- internal ---

function serverBlock(site: ServedSite, rules: string): string {
  return `  server {
    listen 127.0.0.1:${site.port};
    server_name ${publicHost};
    root ${site.documents};
    index index.php index.html;
${indent(rules.replaceAll('{php}', fastcgi(site)))}
  }`
}

function fastcgi(site: ServedSite): string {
  const variables = {
    SCRIPT_FILENAME: '$document_root$fastcgi_script_name',
    SCRIPT_NAME: '$fastcgi_script_name',
    PATH_INFO: '$fastcgi_path_info',
    QUERY_STRING: '$query_string',
    REQUEST_METHOD: '$request_method',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    REQUEST_URI: '$request_uri',
    DOCUMENT_URI: '$document_uri',
    DOCUMENT_ROOT: '$document_root',
    SERVER_PROTOCOL: '$server_protocol',
    REQUEST_SCHEME: '$scheme',
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'nginx',
    REMOTE_ADDR: '$remote_addr',
    SERVER_ADDR: '$server_addr',
    // The one that belongs to the public name: the real one would tell the two copies apart.
    SERVER_PORT: '80',
    SERVER_NAME: '$server_name',
    REDIRECT_STATUS: '200',
  }
  const lines = Object.entries(variables).map(([name, value]) => `fastcgi_param ${name} ${value};`)
  return [`fastcgi_pass unix:${site.socket};`, 'fastcgi_read_timeout 120s;', ...lines].join('\n')
}

function indent(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
