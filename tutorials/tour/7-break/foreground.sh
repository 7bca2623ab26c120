until [ -e ~/museum/.open ]; do sleep 0.1; done; clear; echo "The museum is open. On show:"; ls ~/museum
