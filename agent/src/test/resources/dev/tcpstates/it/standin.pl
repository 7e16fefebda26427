# SPDX-License-Identifier: Apache-2.0
# Processes that speak the agent's side of the protocol, and are cheap: standin.pl SOCKET WHAT ...
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;

my ($path, $what, @more) = @ARGV;
my $magic = 0x74637073;
my ($granted, $refused, $busy, $prove) = (0 .. 3);
$| = 1;
$^F = 1000; # descriptors stay open in exec

# What the last message says: its status, text and nonce.
sub answer {
    my ($connection) = @_;
    my $bytes = '';
    sysread($connection, $bytes, 65536) or return (-1, 'closed', '');
    my ($m, $version, $status, $text, $nonce) = unpack('N n n n/a n/a', $bytes);
    return ($status, $text, $nonce);
}

sub connected {
    return IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path) || die "connect: $!\n";
}

sub ask {
    my ($connection, $layout) = @_;
    syswrite($connection, pack('N n n N N N N', $magic, 1, 0, 65536, $$, 0, $layout));
    return answer($connection);
}

sub proof {
    my ($connection, $nonce) = @_;
    syswrite($connection, pack('N a*', $magic, $nonce));
    return answer($connection);
}

# Registers this process; returns the connection.
sub register {
    my ($layout) = @_;
    while (1) {
        my $connection = connected();
        my ($status, $text, $nonce) = ask($connection, $layout);
        ($status, $text) = proof($connection, $nonce) if $status == $prove;
        return $connection if $status == $granted;
        die "$text\n" if $status != $busy;
        select(undef, undef, undef, 0.05 + rand(0.1));
    }
}

# Three connections, each of which is opened, accepted and closed.
sub sockets {
    my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') || die "listen: $!\n";
    for (1 .. 3) {
        my $client = IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $server->sockport()) || die "connect: $!\n";
        my $accepted = $server->accept();
        close($client);
        close($accepted);
    }
    close($server);
}

# Says that it answers requests for metrics, and answers them.
sub answer_metrics {
    my ($connection, $body) = @_;
    my $asked = '';
    syswrite($connection, pack('N n n Q> N', 0x7463706d, 1, 1, 0, 0));
    while (sysread($connection, $asked, 16)) {
        my ($m, $version, $kind, $number) = unpack('N n n Q>', $asked);
        syswrite($connection, pack('N n n Q> N a*', $m, 1, 3, $number, length($body), $body));
    }
}

sub next_line { return <STDIN> // exit 0 }

if ($what eq 'many') {
    # So many processes that register; half of them detach, and then all are killed.
    my ($count, $layout) = @more;
    my @children;
    for my $number (1 .. $count) {
        my $child = fork() // die "fork: $!\n";
        if (!$child) {
            my $connection = eval { register($layout) };
            if (!$connection) { print "not registered: $@"; exit 1 }
            $SIG{USR1} = sub { close($connection) };
            print "registered $number\n";
            sleep(600);
            sleep(600);
            exit 0;
        }
        push(@children, $child);
    }
    next_line();
    kill('USR1', @children[0 .. @children / 2 - 1]);
    print "detached\n";
    next_line();
    kill('KILL', @children);
    waitpid($_, 0) for @children;
    print "ended\n";
} elsif ($what eq 'exec') {
    # Registers, opens sockets, forks, and becomes another program, whose sockets are nobody's.
    my $connection = register($more[0]);
    print "registered\n";
    next_line();
    sockets();
    print "own\n";
    next_line();
    my $child = fork() // die "fork: $!\n";
    if (!$child) { sockets(); exit 0 }
    waitpid($child, 0);
    print "forked\n";
    next_line();
    exec($^X, $0, $path, 'sockets') or die "exec: $!\n";
} elsif ($what eq 'sockets') {
    sockets();
    print "other\n";
    next_line();
} elsif ($what eq 'later') {
    # Is not registered.
    print "started\n";
    next_line();
    sockets();
    print "other\n";
    next_line();
} elsif ($what eq 'steal') {
    # A child process asks for what its parent, by then another program, is to record.
    my $connection = connected();
    my $parent = $$;
    my $child = fork() // die "fork: $!\n";
    if ($child) { exec('sleep', '60') or die "exec: $!\n" }
    my $name = '';
    while ($name !~ /^sleep/) {
        open(my $file, '<', "/proc/$parent/comm") or die "comm: $!\n";
        $name = <$file>;
        select(undef, undef, undef, 0.01);
    }
    my ($status, $text, $nonce) = ask($connection, $more[0]);
    ($status, $text) = proof($connection, $nonce) if $status == $prove;
    print "$status $text\n";
    kill('KILL', $parent);
} elsif ($what eq 'become') {
    # The same, but the process itself asks, and then becomes another program.
    my $connection = connected();
    my $parent = $$;
    my ($status, $text, $nonce) = ask($connection, $more[0]);
    my $child = fork() // die "fork: $!\n";
    if ($child) {
        exec('sleep', '60') or die "exec: $!\n";
    }
    ($status, $text) = proof($connection, $nonce);
    print "$status $text\n";
    kill('KILL', $parent);
} elsif ($what eq 'answer') {
    # So many processes that register and answer requests for metrics.
    my ($count, $body, $layout) = @more;
    my @children;
    for (1 .. $count) {
        my $child = fork() // die "fork: $!\n";
        if (!$child) {
            my $connection = register($layout);
            print "registered\n";
            answer_metrics($connection, pack('H*', $body));
            exit 0;
        }
        push(@children, $child);
    }
    next_line();
    kill('KILL', @children);
} elsif ($what eq 'child') {
    # Registers; a child process answers.
    my ($body, $layout) = @more;
    my $connection = register($layout);
    my $child = fork() // die "fork: $!\n";
    if (!$child) {
        answer_metrics($connection, pack('H*', $body));
        exit 0;
    }
    select(undef, undef, undef, 0.2);
    print "registered\n";
    next_line();
}
