#!/bin/sh
# The password comes out of the same secret the application reads, and never into an argument.
set -eu
password="$(sed -E 's#^[^:]+://[^:]*:([^@]*)@.*#\1#' /run/secrets/redis_url)"
if [ "${1:-}" = ping ]; then
    REDISCLI_AUTH="$password" redis-cli ping | grep -q PONG
    exit
fi
exec redis-server - <<CONFIG
requirepass $password
dir /data
appendonly yes
maxmemory-policy noeviction
CONFIG
