#!/bin/bash
# Runs once, on an empty data volume: the two roles of governance/roles.sql and their passwords.
set -euo pipefail

password_of() { sed -E 's#^[^:]+://[^:]*:([^@]*)@.*#\1#' "/run/secrets/$1"; }

psql=(psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB")
"${psql[@]}" --file /roles.sql
# By standard input: arguments can be read by everyone.
"${psql[@]}" <<SQL
ALTER ROLE governance_owner PASSWORD '$(password_of database_owner_url)';
ALTER ROLE governance_app PASSWORD '$(password_of database_url)';
SQL
