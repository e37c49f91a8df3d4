import type { NoteKind } from '../migration.js'

/** Directives that mean nothing here, or that the gateway does anyway, by why. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  'it tunes processes of nginx':
    'user pid daemon master_process worker_processes worker_rlimit_nofile worker_connections worker_cpu_affinity worker_priority worker_shutdown_timeout events use multi_accept accept_mutex pcre_jit thread_pool load_module env lock_file working_directory timer_resolution worker_aio_requests',
  'sockets and buffers are the gateway’s own business':
    'sendfile sendfile_max_chunk tcp_nopush tcp_nodelay aio directio output_buffers postpone_output reset_timedout_connection server_names_hash_max_size server_names_hash_bucket_size types_hash_max_size types_hash_bucket_size variables_hash_max_size variables_hash_bucket_size map_hash_max_size map_hash_bucket_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size client_header_buffer_size client_body_buffer_size client_body_temp_path client_body_in_file_only client_body_in_single_buffer connection_pool_size request_pool_size lingering_close lingering_time lingering_timeout send_timeout proxy_send_timeout proxy_buffer_size proxy_buffers proxy_busy_buffers_size proxy_temp_path proxy_temp_file_write_size proxy_max_temp_file_size proxy_socket_keepalive open_file_cache open_file_cache_valid open_file_cache_min_uses open_file_cache_errors fastcgi_temp_path uwsgi_temp_path scgi_temp_path ssl_buffer_size keepalive_disable keepalive_time client_header_timeout',
  'bodies are streamed both ways': 'proxy_buffering proxy_request_buffering',
  'it is the default':
    'proxy_http_version server_tokens http2 chunked_transfer_encoding absolute_redirect port_in_redirect server_name_in_redirect msie_padding proxy_redirect proxy_pass_header proxy_pass_request_body proxy_pass_request_headers',
  'the gateway logs each request':
    'access_log error_log log_format log_not_found log_subrequest rewrite_log open_log_file_cache',
  'names are looked up by the system': 'resolver resolver_timeout',
  'it is for files':
    'types default_type charset charset_types override_charset index autoindex autoindex_exact_size autoindex_localtime etag if_modified_since root disable_symlinks source_charset',
  'it is HTTP that is forwarded':
    'fastcgi_param fastcgi_index fastcgi_split_path_info fastcgi_buffers fastcgi_buffer_size fastcgi_busy_buffers_size fastcgi_read_timeout fastcgi_send_timeout fastcgi_connect_timeout fastcgi_intercept_errors fastcgi_hide_header fastcgi_keep_conn uwsgi_param scgi_param uwsgi_read_timeout'
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  'listen with TLS in an app of your own (see the guide), or let a load balancer end it':
    'ssl ssl_certificate ssl_certificate_key ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_session_ticket_key ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_dhparam ssl_ecdh_curve ssl_verify_client ssl_verify_depth ssl_client_certificate ssl_crl ssl_early_data ssl_reject_handshake ssl_password_file ssl_conf_command',
  'responses are not cached':
    'proxy_cache proxy_cache_path proxy_cache_valid proxy_cache_key proxy_cache_use_stale proxy_cache_bypass proxy_no_cache proxy_cache_methods proxy_cache_lock proxy_cache_lock_timeout proxy_cache_min_uses proxy_cache_revalidate proxy_cache_background_update proxy_ignore_headers proxy_store proxy_store_access fastcgi_cache fastcgi_cache_path fastcgi_cache_key fastcgi_cache_valid fastcgi_no_cache fastcgi_cache_bypass',
  'a page for an error is one of the upstream’s, or a `fallback`':
    'error_page proxy_intercept_errors recursive_error_pages',
  'only HTTP is forwarded': 'stream mail',
  'a variable of it is known nowhere':
    'map geo geoip_country geoip2 split_clients set perl_set js_set js_import auth_request_set',
  'bandwidth is not limited': 'limit_rate limit_rate_after proxy_limit_rate',
  'set `cache-control` by `transform.response.headers`': 'expires',
  'write it as code: a hook, a filter or a transform':
    'sub_filter sub_filter_once sub_filter_types mirror mirror_request_body lua_package_path init_by_lua_block header_filter_by_lua_block body_filter_by_lua_block log_by_lua_block js_content js_header_filter js_body_filter',
  'set the protocol of the connection in front': 'real_ip_header proxy_protocol'
}

const MEANING: ReadonlyMap<string, { readonly kind: NoteKind; readonly message: string }> = new Map([
  ...entries(NOT_NEEDED, 'not-needed'),
  ...entries(LEFT_OUT, 'left-out')
])

function entries(table: Readonly<Record<string, string>>, kind: NoteKind) {
  return Object.entries(table).flatMap(([message, names]) =>
    names.split(' ').map((name) => [name, { kind, message }] as const)
  )
}

/** What is told of a directive that nothing was made of. */
export function meaningOf(name: string): { readonly kind: NoteKind; readonly message: string } {
  return (
    MEANING.get(name) ?? {
      kind: 'left-out',
      message: 'it is not translated, or nothing that is translated uses it'
    }
  )
}
