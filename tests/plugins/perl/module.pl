#!/usr/bin/perl
# Own a whole module in Perl 5 and its core modules, written from protocol/README.md alone; know no SDK and no other module.
#
# One process, one loop over select: it reads messages while calls are under way, so it offers `concurrent`, `cancel` and `progress`.
# JSON is read here and not by JSON::PP, which keeps the last of two members and rounds large integers (HUB-FRAME-8, HUB-FRAME-9).
use strict;
use utf8;
use warnings;
use Encode qw(decode encode FB_CROAK LEAVE_SRC);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use JSON::PP ();
use POSIX qw(EAGAIN EINTR);
use Time::HiRes qw(time);

my $MAX_DEPTH = 64;                       # HUB-FRAME-7
my $MAX_INTEGER = 9_007_199_254_740_991;  # HUB-FRAME-9
my $READ_BYTES = 65_536;
my $MAX_UNREAD_BYTES = 64 * 1024 * 1024;  # answers that a hub leaves unread; beyond, memory is what ends

# HUB-OUT-1: what prints to standard output reaches the log, because the real one is out of reach.
open my $wire, '>&', \*STDOUT or die "cannot copy standard output: $!";
open STDOUT, '>&', \*STDERR or die "cannot move standard output: $!";
fcntl $wire, F_SETFL, O_NONBLOCK | fcntl($wire, F_GETFL, 0) or die "cannot unblock standard output: $!";
binmode $_ for $wire, \*STDIN;
$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = sub { exit 0 };              # HUB-CLEAN-4

my ($inbox, $outbox, $skipping) = ('', '', 0);
my $max_frame = 16_777_216;
my $state = 'new';                        # new, running, ending
my %feature;                              # what both sides named (HUB-VER-3)
my %open;                                 # calls under way: the id as JSON => what is left of the work

# A number keeps its text: it is echoed as it came.
sub number { return bless \(my $text = shift), 'Number' }
sub is_number { return ref $_[0] eq 'Number' }
sub is_integer { return is_number($_[0]) && ${$_[0]} == int ${$_[0]} }
sub is_string { return defined $_[0] && !ref $_[0] }

# ---- JSON, strictly (HUB-FRAME-5 to 10)

sub read_json {
    my ($bytes) = @_;
    die "a byte order mark\n" if $bytes =~ /\A\xEF\xBB\xBF/;
    decode('UTF-8', $bytes, FB_CROAK | LEAVE_SRC);  # strict: no surrogates, nothing beyond U+10FFFF
    my $value = read_value(\$bytes, 0);
    $bytes =~ /\G[ \t\r\n]*/gc;
    die "more behind the value\n" if pos($bytes) < length $bytes;
    return $value;
}

sub read_value {
    my ($text, $depth) = @_;
    $$text =~ /\G[ \t\r\n]*/gc;
    return read_object($text, $depth + 1) if $$text =~ /\G\{/gc;
    return read_array($text, $depth + 1) if $$text =~ /\G\[/gc;
    return read_string($text) if $$text =~ /\G"/gc;
    if ($$text =~ /\G(-?(?:0|[1-9][0-9]*))((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/gc) {
        my ($whole, $rest) = ($1, $2);
        die "a number too large\n" if abs("$whole$rest") == 9**9**9;
        die "an integer too large\n" if $rest eq '' && (length $whole > 17 || abs($whole) > $MAX_INTEGER);
        return number("$whole$rest");
    }
    return JSON::PP::true if $$text =~ /\Gtrue/gc;
    return JSON::PP::false if $$text =~ /\Gfalse/gc;
    return undef if $$text =~ /\Gnull/gc;
    die "not a value\n";
}

sub read_object {
    my ($text, $depth) = @_;
    die "nested too deeply\n" if $depth > $MAX_DEPTH;
    my %object;
    return \%object if $$text =~ /\G[ \t\r\n]*\}/gc;
    while (1) {
        $$text =~ /\G[ \t\r\n]*"/gc or die "not a member name\n";
        my $name = read_string($text);
        die "a member twice\n" if exists $object{$name};
        $$text =~ /\G[ \t\r\n]*:/gc or die "no colon\n";
        $object{$name} = read_value($text, $depth);
        next if $$text =~ /\G[ \t\r\n]*,/gc;
        return \%object if $$text =~ /\G[ \t\r\n]*\}/gc;
        die "no end of the object\n";
    }
}

sub read_array {
    my ($text, $depth) = @_;
    die "nested too deeply\n" if $depth > $MAX_DEPTH;
    my @array;
    return \@array if $$text =~ /\G[ \t\r\n]*\]/gc;
    while (1) {
        push @array, read_value($text, $depth);
        next if $$text =~ /\G[ \t\r\n]*,/gc;
        return \@array if $$text =~ /\G[ \t\r\n]*\]/gc;
        die "no end of the array\n";
    }
}

my %ESCAPED = ('"' => '"', '\\' => '\\', '/' => '/', b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");

sub read_string {
    my ($text) = @_;
    my $string = '';
    while (1) {
        if ($$text =~ /\G([^"\\\x00-\x1f]+)/gc) { $string .= decode('UTF-8', $1) }
        elsif ($$text =~ /\G"/gc) { return $string }
        elsif ($$text =~ m{\G\\(["\\/bfnrt])}gc) { $string .= $ESCAPED{$1} }
        elsif ($$text =~ /\G\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/gc) {
            $string .= chr(0x10000 + ((hex($1) - 0xD800) << 10) + hex($2) - 0xDC00);
        }
        elsif ($$text =~ /\G\\u(?![dD][89a-fA-F])([0-9a-fA-F]{4})/gc) { $string .= chr hex $1 }
        else { die "not a string\n" }
    }
}

my %ESCAPE = ('"' => '\\"', '\\' => '\\\\');

sub json {
    my ($value) = @_;
    return 'null' unless defined $value;
    return $$value if is_number($value);
    return $value ? 'true' : 'false' if JSON::PP::is_bool($value);
    return '[' . join(',', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return '{' . join(',', map { json($_) . ':' . json($value->{$_}) } sort keys %$value) . '}' if ref $value;
    my $text = encode('UTF-8', $value, LEAVE_SRC);
    $text =~ s/(["\\\x00-\x1f])/$ESCAPE{$1} || sprintf '\\u%04x', ord $1/ge;
    return "\"$text\"";
}

# ---- Answers

sub send_message {
    my ($members) = @_;
    return if $state eq 'ended';
    $outbox .= json({ jsonrpc => '2.0', %$members }) . "\n";
    flush_some();
    die "the hub leaves more than $MAX_UNREAD_BYTES bytes unread\n" if length $outbox > $MAX_UNREAD_BYTES;
    return;
}

sub answer { my ($id, $result) = @_; return send_message({ id => $id, result => $result }) }

sub refuse {
    my ($id, $code, $message, $data) = @_;
    my %error = (code => number($code), message => $message, defined $data ? (data => $data) : ());
    return send_message({ id => $id, error => \%error });
}

sub flush_some {
    while (length $outbox) {
        my $written = syswrite $wire, $outbox;
        if (!defined $written) {
            return if $! == EAGAIN || $! == EINTR;
            exit 0;                       # nobody reads any more
        }
        substr $outbox, 0, $written, '';
    }
    return;
}

# ---- What the module can do

my %INFO = (
    name => 'perl', version => '1.0.0', license => 'Apache-2.0', authors => ['The hub authors'],
    description => ['Written from the specification alone.'], protocol_version => number(1),
    features => [qw(cancel concurrent context progress)],
);
my $INTEGER = { type => 'integer' };
my %TAKES = (type => 'object', additionalProperties => JSON::PP::false);
my %PURE = (hints => { read_only => JSON::PP::true, idempotent => JSON::PP::true });
my @FUNCTIONS = (
    {
        name => 'echo', summary => 'Answer the value that was given.', %PURE,
        params => { %TAKES, properties => { value => {} }, required => ['value'] },
        examples => [{ params => { value => [undef, 'ü'] }, result => [undef, 'ü'] }],
    },
    {
        name => 'add', summary => 'Add two integers.', %PURE,
        params => { %TAKES, properties => { a => $INTEGER, b => $INTEGER }, required => ['a', 'b'] }, returns => $INTEGER,
        errors => [{ code => number(1), message => 'the sum is too large' }],
        examples => [{ params => { a => number(2), b => number(3) }, result => number(5) }],
    },
    {
        name => 'count', summary => 'Count, twenty times a second, and report progress.',
        params => { %TAKES, properties => { to => { type => 'integer', minimum => number(0), maximum => number(1000) } }, required => ['to'] },
        returns => $INTEGER, hints => { read_only => JSON::PP::true },
        examples => [{ params => { to => number(2) }, result => number(2) }],
    },
    {
        name => 'fail', summary => 'Answer with an error of its own.', params => { %TAKES }, %PURE,
        errors => [{ code => number(1001), message => 'it failed on purpose' }],
        examples => [{ params => {}, error => number(1001) }],
    },
    { name => 'whoami', summary => 'Answer the context of the call.', params => { %TAKES }, returns => { type => 'object' }, %PURE },
);

# Each gets id, params and the whole message; it answers, now or later.
my %CALL = (
    echo => sub {
        my ($id, $params) = @_;
        return takes($id, $params, value => sub { 1 }) && answer($id, $params->{value});
    },
    add => sub {
        my ($id, $params) = @_;
        takes($id, $params, a => \&is_integer, b => \&is_integer) or return;
        my $sum = ${ $params->{a} } + ${ $params->{b} };
        return refuse($id, 1, 'the sum is too large') if abs $sum > $MAX_INTEGER;
        return answer($id, number(sprintf '%d', $sum));
    },
    count => sub {
        my ($id, $params) = @_;
        takes($id, $params, to => sub { is_integer($_[0]) && ${$_[0]} >= 0 && ${$_[0]} <= 1000 }) or return;
        $open{ json($id) } = { id => $id, done => 0, to => int ${ $params->{to} }, next => time };
        return;
    },
    fail => sub { my ($id, $params) = @_; return takes($id, $params) && refuse($id, 1001, 'it failed on purpose') },
    whoami => sub {
        my ($id, $params, $message) = @_;
        return takes($id, $params) && answer($id, $message->{context} || {});
    },
);

# HUB-CALL-2: arguments are answered, whatever they are.
sub takes {
    my ($id, $params, %wanted) = @_;
    for my $name (sort keys %$params) {
        next if exists $wanted{$name};
        refuse($id, -32602, "there is no parameter $name");
        return 0;
    }
    for my $name (sort keys %wanted) {
        next if exists $params->{$name} && $wanted{$name}->($params->{$name});
        refuse($id, -32602, "parameter $name is missing or cannot be used");
        return 0;
    }
    return 1;
}

sub work {
    for my $key (keys %open) {
        my $call = $open{$key};
        next if $call->{next} > time;
        if ($call->{done} >= $call->{to}) {
            delete $open{$key};
            answer($call->{id}, number($call->{done}));
            next;
        }
        $call->{done}++;
        $call->{next} += 0.05;
        send_message({ method => '$/progress', params => { id => $call->{id}, done => number($call->{done}), total => number($call->{to}) } })
            if $feature{progress};
    }
    return;
}

sub cancel {
    my ($key) = @_;
    my $call = delete $open{$key} or return;  # HUB-CANCEL-3
    return refuse($call->{id}, -31000, 'cancelled');
}

# ---- The methods of the protocol

my %METHOD = (
    module_info => sub {
        my ($id, $params) = @_;
        my $offered = $params->{protocol_versions};
        return refuse($id, -32602, 'protocol_versions must be an array') unless ref $offered eq 'ARRAY';
        if (!grep { is_number($_) && $$_ == 1 } @$offered) {  # HUB-VER-2
            refuse($id, -31027, 'no common version', { offered => $offered, supported => [number(1)] });
            $state = 'ending';
            return;
        }
        my %known = map { $_ => 1 } @{ $INFO{features} };
        my $named = $params->{features};
        %feature = map { $_ => 1 } grep { is_string($_) && $known{$_} } ref $named eq 'ARRAY' ? @$named : ();
        my $limit = $params->{max_frame_bytes};
        $max_frame = $$limit if is_integer($limit) && $$limit > 0;
        return answer($id, \%INFO);
    },
    capabilities => sub { return answer($_[0], { functions => \@FUNCTIONS }) },
    module_init => sub {
        my ($id, $params) = @_;
        return refuse($id, -32602, 'config must be an object') unless ref $params->{config} eq 'HASH';
        $state = 'running';
        return answer($id, {});
    },
    module_cleanup => sub {
        my ($id) = @_;
        cancel($_) for keys %open;        # before the answer: nothing may follow it (HUB-CLEAN-2)
        answer($id, {});
        $state = 'ended';
        return;
    },
    ping => sub { return answer($_[0], {}) },
);

sub receive {
    my ($line) = @_;
    return if $line =~ /\A[ \t\r]*\z/;    # HUB-FRAME-3
    my $message = eval { read_json($line) };
    return refuse(undef, -32700, 'not JSON, or against a rule of frames') if $@;
    return refuse(undef, -32600, 'a message is an object') unless ref $message eq 'HASH';
    my ($id, $method, $params) = @$message{qw(id method params)};
    my $has_id = exists $message->{id};
    if ($has_id && !(is_string($id) ? length $id >= 1 && length $id <= 128 : is_number($id) && $$id =~ /\A-?[0-9]+\z/)) {
        return refuse(undef, -32600, 'an id is an integer or a string');  # HUB-ID-1
    }
    return refuse($id, -32600, 'jsonrpc is not "2.0"') unless is_string($message->{jsonrpc}) && $message->{jsonrpc} eq '2.0';
    if (!exists $message->{method}) {     # a response, and this module asks nothing: dropped (HUB-ID-4)
        return if exists $message->{result} || exists $message->{error};
        return refuse($id, -32600, 'neither a request nor a response');
    }
    return refuse($id, -32600, 'a method is a string') unless is_string($method) && length $method >= 1 && length $method <= 128;
    return refuse($id, -32600, 'both a request and a response') if exists $message->{result} || exists $message->{error};
    if (exists $message->{params} && ref $params ne 'HASH') {  # HUB-MSG-3
        return if !$has_id;
        return refuse($id, -32602, 'arguments go by name') if ref $params eq 'ARRAY';
        return refuse($id, -32600, 'params are an object');
    }
    $params ||= {};
    if (!$has_id) {
        cancel(json($params->{id})) if $method eq '$/cancelRequest' && $feature{cancel} && exists $params->{id};
        return;
    }
    return $METHOD{$method}->($id, $params) if $METHOD{$method};
    return refuse($id, -32601, 'there is no such method') unless $CALL{$method};
    return refuse($id, -31020, 'not initialised') if $state ne 'running';  # HUB-LIFE-7
    return $CALL{$method}->($id, $params, $message);
}

sub take_lines {
    while ((my $end = index $inbox, "\n") >= 0) {
        my $line = substr $inbox, 0, $end + 1, '';
        chop $line;
        if ($skipping || length $line > $max_frame) {
            $skipping = 0;
            refuse(undef, -32700, 'a frame over the limit');  # HUB-FRAME-4
            next;
        }
        receive($line);
    }
    if (length $inbox > $max_frame) { ($inbox, $skipping) = ('', 1) }
    return;
}

# HUB-LIFE-4: the loop waits for nothing but select, so the end of the input is seen at once.
while (1) {
    my ($soonest) = sort { $a <=> $b } map { $_->{next} } values %open;
    my ($reading, $writing) = ('', '');
    vec($reading, fileno(STDIN), 1) = 1;
    vec($writing, fileno($wire), 1) = 1 if length $outbox;
    my $wait = defined $soonest ? $soonest - time : undef;
    $wait = 0 if defined $wait && $wait < 0;
    exit 0 if $state eq 'ending' && !length $outbox;
    next if select($reading, $writing, undef, $wait) < 0;
    flush_some();
    if (vec $reading, fileno(STDIN), 1) {
        my $got = sysread STDIN, $inbox, $READ_BYTES, length $inbox;
        exit 0 if defined $got && $got == 0;  # what is left in the inbox is half a frame (HUB-FRAME-12)
        take_lines() if $got;
    }
    work();
}
