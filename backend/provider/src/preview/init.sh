# The first process of a preview sandbox. Makes a small system out of the host's /usr, says that it is ready, and
# stays until its input ends: when the service lets go of it, or is gone itself.
set -e

hostname >/etc/hostname
printf '127.0.0.1\tlocalhost %s\n::1\tlocalhost\n' "$(hostname)" >/etc/hosts
cat >/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
cat >/etc/group <<'END'
root:x:0:
nogroup:x:65534:
END
cat >/etc/profile <<'END'
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ -n "$BASH_VERSION" ]; then . ~/.bashrc; else PS1='# '; fi
END
cat >/root/.bashrc <<'END'
PS1='\u@\h:\w\$ '
alias ls='ls --color=auto' grep='grep --color=auto'
END

echo ready >&2
exec cat >/dev/null 2>&1
