#!/bin/sh
# A module that writes down each call before it does anything else. $1 is its name, $2 its ledger, $3 a pipe that it holds open for as
# long as it lives, $4 a file whose presence means that it cannot start.
name=$1 ledger=$2
if [ -e "$4" ]; then exit 1; fi
exec 9>"$3"
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
while IFS= read -r line; do
  case $line in *'"id":'*) ;; *) continue ;; esac
  id=${line#*'"id":'} id=${id%%[,\}]*}
  method=${line#*'"method":"'} method=${method%%'"'*}
  case $method in
    module_info) answer "{\"name\":\"$name\",\"version\":\"1.0.0\",\"license\":\"MIT\",\"authors\":[\"Tests\"]}" ;;
    capabilities)
      answer '{"functions":[{"name":"once","params":{"type":"object"}},{"name":"again","params":{"type":"object"},"hints":{"idempotent":true}}]}' ;;
    once | again)
      n=${line#*'"n":'} n=${n%%[,\}]*}
      echo "$n" >> "$ledger"
      case $line in
        *'"do":"die"'*) kill -KILL $$ ;;
        *'"do":"garbage"'*) printf 'not a frame \001\002 {]\nhalf of one' ; printf '\n' ;;
        *'"do":"nap"'*) sleep 0.2 9>&- ;;
        *'"do":"silence"'*) continue ;;
      esac
      answer "$n" ;;
    *) answer '{}' ;;
  esac
done
