# Own the last act of a hub that was killed: end all that it had started; know nothing of modules but their process numbers.
#
# POSIX shell, read with `.`, then `guard` is called. Standard input is a pipe that only the hub can write to:
#
#   mark NAME=VALUE   what the environment of each process of this hub contains
#   add PID START     the leader of a session and group; START is field 22 of /proc/PID/stat, or - where there is no /proc
#   del PID           it has ended, and its group with it
#   end               the hub has seen to everything itself
#
# End of file without `end` means that the hub is dead. Up to the groups, nothing here needs a fork or a program: a module
# that has filled the process table is ended all the same.

guard() {
    trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU
    leaders=' ' mark=
    while read -r verb first second; do
        case $verb in
            mark) mark=$first ;;
            add) leaders="$leaders$first:$second " ;;
            del) forget "$first" ;;
            end) exit 0 ;;
        esac
    done
    kill_groups
    if [ -z "$mark" ] || [ ! -r /proc/self/environ ]; then exit 0; fi
    # A shell that cannot fork ends at once; then the slow way, which does not fork, is gone from here.
    trap kill_marked_slowly EXIT
    # Some greps take a line to end at its first null byte, and see only the first variable.
    if printf 'a\0b\n' | grep -q b && command -v xargs >/dev/null; then
        kill_marked
        trap - EXIT
    fi
    exit 0
}

forget() {
    case $leaders in
        *" $1:"*)
            rest=${leaders#*" $1:"}
            leaders="${leaders%%" $1:"*} ${rest#* }"
            ;;
    esac
}

kill_groups() {
    for leader in $leaders; do
        pid=${leader%%:*} wanted=${leader#*:}
        # `kill -1` would be everybody.
        case $pid in '' | *[!0-9]* | 0* | 1) continue ;; esac
        if [ "$wanted" = - ]; then
            kill -0 "$pid" && kill -KILL "-$pid"
        else
            start_of "$pid"
            # Another start time: the number belongs to a stranger by now.
            [ "$start" = "$wanted" ] && kill -KILL "-$pid"
        fi
    done
}

# Set `start`. The second field is a name in parentheses, which may have any character in it, parentheses and newlines too.
start_of() {
    start='' stat=''
    [ -r "/proc/$1/stat" ] || return 0
    while read -r line; do
        stat=$line # of a name with newlines the last line is enough
    done <"/proc/$1/stat"
    # shellcheck disable=SC2086 # into words, that is the point
    set -- ${stat##*')'}
    start=${20}
}

# Until two rounds in a row found nothing (a process may be forked, and its parent end, during a round); 6 ms a round. What
# cannot be killed (it became another user, the kernel holds it) would be found for ever: hence the number of rounds.
kill_marked() {
    rounds=40 quiet=0
    while [ "$rounds" -gt 0 ] && [ "$quiet" -lt 2 ]; do
        rounds=$((rounds - 1)) quiet=$((quiet + 1))
        for path in $(printf '%s\n' /proc/[0-9]*/environ | xargs grep -l -s -e "$mark"); do
            pid=${path#/proc/} quiet=0
            kill -KILL "${pid%/environ}"
        done
    done
}

# The same with nothing but the shell itself, at 50 ms a round.
kill_marked_slowly() {
    for round in 1 2 3; do
        for path in /proc/[0-9]*/environ; do
            while read -r line || [ -n "$line" ]; do
                case $line in
                    *"$mark"*)
                        pid=${path#/proc/}
                        kill -KILL "${pid%/environ}"
                        break
                        ;;
                esac
            done <"$path"
        done
    done
}
