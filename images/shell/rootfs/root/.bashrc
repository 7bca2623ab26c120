# For every interactive bash.
PS1='\u@\h:\w\$ '
HISTCONTROL=ignoredups
shopt -s checkwinsize
alias ls='ls --color=auto' ll='ls -l' la='ls -la' grep='grep --color=auto'
