# Run as root in each container that was just started, before the job. It stops at the first command that fails.
apt-get update
apt-get install -y --no-install-recommends jq
