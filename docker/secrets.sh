#!/bin/sh
# Makes the secrets of docker-compose.yml in docker/secrets, once; what is there stays.
set -eu
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
chmod 700 "$folder"

random() { head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }

# Readable inside the containers by other users than yours; the closed folder guards them here.
write() {
    [ -e "$folder/$1" ] && return
    printf '%s' "$2" >"$folder/$1"
    chmod 644 "$folder/$1"
    echo "docker/secrets/$1"
}

write secret_key "$(random)"
write personal_data_key "$(random)"
write postgres_password "$(random)"
write database_url "postgresql://governance_app:$(random)@postgres:5432/governance"
write database_owner_url "postgresql://governance_owner:$(random)@postgres:5432/governance"
write redis_url "redis://:$(random)@redis:6379/0"

# Of a change of the key, and what others give you: empty until you write it there.
for name in personal_data_other_keys personal_index_key listen_database_url email_host_password sms_secret wecom_robots wecom_secret; do
    write "$name" ""
done
