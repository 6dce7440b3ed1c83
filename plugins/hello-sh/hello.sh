#!/bin/sh
# A whole module. It reads one JSON message a line, and answers each request with one line.
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "$id" "$1" "$2"; }
functions='{"functions":[{"name":"greet","summary":"Greet somebody by name.",'\
'"params":{"type":"object","properties":{"name":{"type":"string","pattern":"^[A-Za-z ]+$"}},'\
'"required":["name"],"additionalProperties":false},"returns":{"type":"string"},'\
'"hints":{"read_only":true},"examples":[{"params":{"name":"Ada"},"result":"Hello, Ada!"}]}]}'

while read -r line; do                                  # the spaces and tabs around it are gone
  case $line in '{"jsonrpc":"2.0","id":'*',"method":"'*) ;; *) continue ;; esac   # no request: never answered
  id=${line#*'"id":'} id=${id%%',"method":"'*}
  method=${line#*',"method":"'} method=${method%%'"'*}
  case $method in
    module_info)
      answer '{"name":"hello","version":"1.0.0","license":"MIT","authors":["You <you@example.org>"]}' ;;
    capabilities) answer "$functions" ;;
    module_init | ping) answer '{}' ;;
    module_cleanup) answer '{}'; exit 0 ;;
    greet)
      name=${line#*'"params":{"name":"'} rest=${name#*'"'} name=${name%%'"'*}
      case $rest in '}'*) ;; *) name= ;; esac             # one argument and no more
      case $name in
        '' | *[!A-Za-z\ ]*) refuse -32602 "name must be letters and spaces" ;;
        *) answer "\"Hello, $name!\"" ;;
      esac ;;
    *) refuse -32601 "there is no such method" ;;
  esac
done
