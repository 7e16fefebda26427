// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Proof;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.kernel.node.UnixSocket.Peer;
import dev.tcpstates.agent.kernel.node.UnixSocket.Polled;
import dev.tcpstates.agent.kernel.node.UnixSocket.Received;
import dev.tcpstates.agent.kernel.session.MemoryGiven;
import dev.tcpstates.agent.kernel.session.NodePrograms;
import dev.tcpstates.agent.kernel.session.NodePrograms.Given;
import dev.tcpstates.agent.kernel.session.NodePrograms.Process;
import dev.tcpstates.agent.kernel.session.NodePrograms.Registered;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Registers the JVMs that connect, and forgets them when they end. One thread does all, and waits
 * for nobody: each socket gives what it has, or nothing. Only the changes of the maps of all JVMs
 * that come or go at once are made by several threads, for the kernel takes some 20 ms for each.
 */
public final class NodeServer {
  private static final int ACCEPTED_AT_ONCE = 64;
  private static final long REFUSAL_LOG_NANOS = 1_000_000_000;
  private static final long ACCEPT_PAUSE_NANOS = 100_000_000;
  private static final long OLDER_NANOS = 5_000_000_000L;
  private static final int CHANGES_AT_ONCE = 32;
  private static final int IDLE_SECONDS = 10;

  /** A connection that has not sent its request, or the proof, yet. */
  private static final class Client {
    private final UnixSocket socket;
    private final Peer peer;
    private long since = System.nanoTime();
    private Request request;
    private Process process;
    private Proof proof;

    Client(UnixSocket socket, Peer peer) {
      this.socket = socket;
      this.peer = peer;
    }
  }

  /** A JVM that is to be registered. */
  private record Granted(Client client, int pidfd) {}

  /** A JVM. */
  private record Served(Registered registered, MetricsPeer peer) {
    boolean isConnected() {
      return peer.isConnected();
    }
  }

  private final NodePrograms programs;
  private final NodeLimits limits;
  private final UnixSocket listener;
  private final int features;
  private final Consumer<String> log;
  private final SecureRandom random = new SecureRandom();
  private final List<Client> clients = new ArrayList<>();

  /** By process id in the initial PID namespace. */
  private final Map<Integer, Served> served = new LinkedHashMap<>();

  /** The same JVMs, for another thread. */
  private final Map<Integer, MetricsPeer> peers = new ConcurrentHashMap<>();

  /** What this round of {@link #serveOnce} has granted. */
  private final List<Granted> granted = new ArrayList<>();

  private final ExecutorService changes = changes();

  private long refusalLogged = System.nanoTime() - REFUSAL_LOG_NANOS;
  private long acceptAfter = System.nanoTime();
  private long olderLooked = System.nanoTime() - OLDER_NANOS;

  /**
   * Takes over what an earlier node program has registered.
   *
   * @param listener where the JVMs connect
   * @param collects whether the JVMs are asked for their metrics
   * @param log takes a line for each JVM that comes or goes
   * @throws IOException if this process is not in the initial PID namespace
   */
  public NodeServer(
      NodePrograms programs,
      NodeLimits limits,
      UnixSocket listener,
      boolean collects,
      Consumer<String> log)
      throws IOException, CallFailed {
    this.programs = programs;
    this.limits = limits;
    this.listener = listener;
    this.features = collects ? MetricsMessages.FEATURE : 0;
    this.log = log;
    int own = (int) ProcessHandle.current().pid();
    Process self = programs.process(own);
    if (self == null || self.tgid() != own) {
      throw new IOException(
          "the node program runs in a PID namespace of its own; run it in the machine's"
              + " (Kubernetes: hostPID: true; Docker: --pid=host)");
    }
    for (Registered registered : programs.registered()) {
      takeOver(registered);
    }
  }

  private static ExecutorService changes() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            CHANGES_AT_ONCE,
            CHANGES_AT_ONCE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "changes");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private void takeOver(Registered registered) throws CallFailed {
    int tgid = registered.process().tgid();
    int pidfd;
    try {
      pidfd = UnixSocket.pidfd(tgid);
    } catch (IOException e) {
      programs.remove(registered);
      return;
    }
    if (!registered.process().equals(programs.process(tgid))) {
      UnixSocket.close(pidfd);
      programs.remove(registered);
      return;
    }
    serve(registered, pidfd, null);
  }

  private void serve(Registered registered, int pidfd, UnixSocket connection) {
    int tgid = registered.process().tgid();
    MetricsPeer peer = new MetricsPeer(tgid, registered.uid(), pidfd, connection);
    served.put(tgid, new Served(registered, peer));
    peers.put(tgid, peer);
  }

  /** The registered JVMs. On any thread. */
  Collection<MetricsPeer> peers() {
    return peers.values();
  }

  /** Returns how many JVMs are registered. */
  public int jvms() {
    return served.size();
  }

  /** Serves for ever. */
  public void run() {
    while (true) {
      removeOlder();
      serveOnce(nextTimeout());
    }
  }

  /** The programs of another release go with the last JVM that they serve. */
  private void removeOlder() {
    long now = System.nanoTime();
    if (programs.hasOlder() && now - olderLooked >= OLDER_NANOS) {
      olderLooked = now;
      programs.removeUnusedOlder(removed -> log.accept("removed the programs " + removed));
    }
  }

  /** In ms; -1: until something happens. */
  private int nextTimeout() {
    long now = System.nanoTime();
    long left = programs.hasOlder() ? olderLooked + OLDER_NANOS - now : Long.MAX_VALUE;
    for (Client client : clients) {
      left = Math.min(left, client.since + NodeLimits.REQUEST_NANOS - now);
    }
    if (acceptAfter - now > 0) {
      left = Math.min(left, acceptAfter - now);
    }
    return left == Long.MAX_VALUE ? -1 : (int) Math.max(0, left / 1_000_000 + 1);
  }

  private void serveOnce(int millis) {
    List<Client> asking = new ArrayList<>(clients);
    List<Served> jvms = new ArrayList<>(served.values());
    Polled polled = new Polled(1 + asking.size() + 2 * jvms.size());
    int at = 0;
    polled.set(at++, acceptAfter - System.nanoTime() > 0 ? -1 : listener.fd());
    for (Client one : asking) {
      polled.set(at++, one.socket.fd());
    }
    for (Served one : jvms) {
      polled.set(at++, one.peer().pidfd());
      polled.setHangUp(at++, one.peer().fd());
    }
    polled.await(millis);
    at = 1 + asking.size();
    Map<Served, String> gone = new LinkedHashMap<>();
    for (Served one : jvms) {
      boolean ended = polled.isReady(at++);
      boolean disconnected = polled.isReady(at++);
      if (ended || disconnected) {
        gone.put(one, ended ? "has ended" : "has detached");
      }
    }
    List<Future<?>> removals =
        gone.keySet().stream()
            .<Future<?>>map(one -> changes.submit(() -> programs.remove(one.registered())))
            .toList();
    removals.forEach(NodeServer::await);
    gone.forEach(this::forgotten);
    at = 1;
    for (Client one : asking) {
      if (polled.isReady(at++)) {
        converse(one);
      }
    }
    registerGranted();
    closeTheSlow();
    if (polled.isReady(0)) {
      accept();
    }
  }

  private void closeTheSlow() {
    long now = System.nanoTime();
    for (Iterator<Client> all = clients.iterator(); all.hasNext(); ) {
      Client one = all.next();
      if (now - one.since >= NodeLimits.REQUEST_NANOS) {
        all.remove();
        answer(one.socket, Answer.refuse("no request came within 5 s"));
      }
    }
  }

  private void accept() {
    for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
      UnixSocket socket;
      try {
        socket = listener.accept();
      } catch (IOException e) {
        // It would be tried again and again for as long as, say, there are no descriptors.
        acceptAfter = System.nanoTime() + ACCEPT_PAUSE_NANOS;
        logRefusal("no connection can be accepted: " + e.getMessage());
        return;
      }
      if (socket == null) {
        return;
      }
      try {
        Peer peer = socket.peer();
        // Before anything is received: it also keeps descriptors from being received.
        socket.nameSenders();
        long ofThisUser = clients.stream().filter(one -> one.peer.uid() == peer.uid()).count();
        if (clients.size() >= NodeLimits.WAITING || ofThisUser >= NodeLimits.WAITING_PER_USER) {
          answer(
              socket, Answer.busy("too many connections wait without a request; try again later"));
        } else {
          clients.add(new Client(socket, peer));
        }
      } catch (IOException e) {
        socket.close();
      }
    }
  }

  /** Sends a last answer. */
  private static void answer(UnixSocket socket, Answer answer) {
    try (socket) {
      socket.send(answer.encode(), List.of());
    } catch (IOException e) {
      // The client has closed the connection.
    }
  }

  /** Takes the next message of a connection. */
  private void converse(Client client) {
    try {
      int most = (client.request == null ? Request.BYTES : Proof.BYTES) + 1;
      Received received = client.socket.receive(most, false);
      if (received == null) {
        return;
      }
      clients.remove(client);
      if (received.bytes().length == 0) {
        client.socket.close();
        return;
      }
      String refusal =
          client.request == null
              ? asked(client, Request.decode(received.bytes()))
              : proven(client, received);
      if (refusal != null) {
        logRefusal("process " + client.peer.pid() + " is refused: " + refusal);
        answer(client.socket, Answer.refuse(refusal));
      }
    } catch (CallFailed | IOException | RuntimeException e) {
      clients.remove(client);
      refuse(client, e);
    }
  }

  private void refuse(Client client, Throwable why) {
    String refusal =
        why instanceof CallFailed failed
            ? "the kernel refused to make a map or an iterator ("
                + failed.brief()
                + "); see the node program's log"
            : String.valueOf(why.getMessage());
    logRefusal("process " + client.peer.pid() + " is refused: " + refusal);
    answer(client.socket, Answer.refuse(refusal));
  }

  /** One a second, so that nobody fills the log. */
  private void logRefusal(String line) {
    long now = System.nanoTime();
    if (now - refusalLogged >= REFUSAL_LOG_NANOS) {
      refusalLogged = now;
      log.accept(line);
    }
  }

  /** Asks for the proof; returns why the request is refused, or {@code null}. */
  private String asked(Client client, Request request) throws IOException, CallFailed {
    client.process = programs.process(client.peer.pid());
    String refusal = refusal(client, request);
    if (refusal != null) {
      return refusal;
    }
    client.request = request;
    Answer answer = Answer.prove(random);
    client.proof = new Proof(answer.nonce());
    client.since = System.nanoTime();
    client.socket.send(answer.encode(), List.of());
    clients.add(client);
    return null;
  }

  /** Does what was asked for; returns why not, or {@code null}. */
  private String proven(Client client, Received received) throws IOException, CallFailed {
    if (received.sender() != client.peer.pid() || !client.proof.isEncodedAs(received.bytes())) {
      return "the proof is not of the process that has connected";
    }
    int pidfd = client.socket.peerPidfd();
    boolean kept = false;
    try {
      // While the process is there, which is asked last, its id is nobody else's.
      boolean same =
          client.process != null && client.process.equals(programs.process(client.peer.pid()));
      Polled ended = new Polled(1);
      ended.set(0, pidfd);
      ended.await(0);
      if (!same || ended.isReady(0)) {
        return "the process has ended, or become another program";
      }
      String refusal = refusal(client, client.request);
      if (refusal != null) {
        return refusal;
      }
      Served before = served.get(client.process.tgid());
      if (client.request.command() == Command.RESUME) {
        client.socket.send(Answer.done().with(features).encode(), List.of());
        before.peer().close();
        serve(before.registered(), pidfd, client.socket);
        kept = true;
        return null;
      }
      if (before != null) {
        forget(before, "connects again");
      }
      if (client.request.command() == Command.FORGET) {
        answer(client.socket, Answer.done());
      } else {
        kept = granted.add(new Granted(client, pidfd));
      }
      return null;
    } finally {
      if (!kept) {
        UnixSocket.close(pidfd);
      }
    }
  }

  private String refusal(Client client, Request request) throws CallFailed {
    if (client.process == null) {
      return "the process has ended";
    }
    Served before = served.get(client.process.tgid());
    if (before != null && before.isConnected()
        || granted.stream().anyMatch(one -> one.client().process.equals(client.process))) {
      return "this process is registered already";
    }
    if (request.command() == Command.RESUME) {
      return before != null && before.registered().process().equals(client.process)
          ? null
          : "this process is not registered";
    }
    if (request.command() == Command.FORGET) {
      return null;
    }
    int uid = client.peer.uid();
    int ofThisUser =
        (int)
            served.values().stream()
                .filter(one -> one != before && one.registered().uid() == uid)
                .count();
    int all = served.size() - (before == null ? 0 : 1) + granted.size();
    MemoryGiven given = programs.memoryGiven();
    for (Granted one : granted) {
      ofThisUser += one.client().peer.uid() == uid ? 1 : 0;
      given.add(one.client().peer.uid(), one.client().request.ringSize());
    }
    String refusal = limits.refuseJvm(all, ofThisUser, uid);
    return refusal != null ? refusal : limits.refuseRing(request.ringSize(), given, uid);
  }

  private void registerGranted() {
    Map<Granted, Future<Given>> given = new LinkedHashMap<>();
    for (Granted one : granted) {
      Client client = one.client();
      given.put(
          one,
          changes.submit(
              () -> programs.register(client.process, client.peer.uid(), client.request)));
    }
    granted.clear();
    given.forEach(
        (one, result) -> {
          if (!handOver(one, result)) {
            UnixSocket.close(one.pidfd());
          }
        });
  }

  private static <T> T await(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether the JVM is registered. */
  private boolean handOver(Granted granted, Future<Given> result) {
    Client client = granted.client();
    Process process = client.process;
    int uid = client.peer.uid();
    Given given;
    try {
      given = await(result);
    } catch (IllegalStateException e) {
      refuse(client, e.getCause());
      return false;
    }
    try {
      client.socket.send(given.answer().with(features).encode(), given.descriptors());
    } catch (IOException e) {
      programs.remove(given.registered());
      client.socket.close();
      return false;
    } finally {
      given.descriptors().forEach(UnixSocket::close);
    }
    serve(given.registered(), granted.pidfd(), client.socket);
    log.accept(
        "process "
            + process.tgid()
            + " of user id "
            + uid
            + " is registered; JVMs: "
            + served.size());
    return true;
  }

  private void forget(Served one, String why) {
    programs.remove(one.registered());
    forgotten(one, why);
  }

  private void forgotten(Served one, String why) {
    int tgid = one.registered().process().tgid();
    served.remove(tgid);
    peers.remove(tgid);
    one.peer().close();
    log.accept("process " + tgid + " " + why + "; JVMs: " + served.size());
  }
}
