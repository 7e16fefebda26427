// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.node.NodeClient.Granted;
import dev.tcpstates.agent.kernel.node.NodeClient.Refused;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.UnixSocket.Polled;
import dev.tcpstates.agent.kernel.node.UnixSocket.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The connection of a registration. A thread waits for the node program's requests, which come if
 * it collects metrics, and connects again after a restart of the node program.
 */
public final class Registration implements AutoCloseable {
  private static final long RECONNECT_MILLIS = 5_000;
  private static final long END_MILLIS = 200;

  /**
   * The metrics of this JVM.
   *
   * @param body returns those of now as the node program reads them
   * @param thread runs its task on a thread of its own, which calls {@code body}
   */
  public record Metrics(Supplier<byte[]> body, Executor thread) {}

  private final Path path;
  private final Request request;
  private final Metrics metrics;

  /** Whether the node program collects metrics; used by the thread. */
  private boolean isCollecting;

  /** Guarded by this; {@code null} while the node program is not connected. */
  private UnixSocket connection;

  /** Whether the thread closes the connection; guarded by this. */
  private boolean threadCloses;

  /** {@code null} before the thread. */
  private CountDownLatch threadEnd;

  private boolean closed;

  /**
   * @param connection of the registration
   * @param answer the one by which it was granted
   * @param path the node program's socket
   * @param request the one that was granted
   * @param metrics what the node program may ask for
   */
  public Registration(
      UnixSocket connection, Answer answer, Path path, Request request, Metrics metrics) {
    this.connection = connection;
    this.path = path;
    this.request = request;
    this.metrics = metrics;
    this.isCollecting = isCollecting(answer);
  }

  private static boolean isCollecting(Answer answer) {
    return (answer.features() & MetricsMessages.FEATURE) != 0;
  }

  /** Begins to answer the node program's requests, if it has any. */
  public void start() {
    synchronized (this) {
      threadCloses = true;
      threadEnd = new CountDownLatch(1);
    }
    metrics.thread.execute(this::serve);
  }

  private void serve() {
    try {
      serveUntilTheEnd();
    } finally {
      threadEnd.countDown();
    }
  }

  private void serveUntilTheEnd() {
    UnixSocket socket = connection;
    while (socket != null) {
      if (!answerAll(socket)) {
        leave();
        return;
      }
      synchronized (this) {
        connection = null;
        socket.close();
      }
      socket = reconnected();
    }
  }

  /** The connection stays open, because its end would end the registration. */
  private synchronized void leave() {
    threadCloses = false;
    if (closed && connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Returns whether the node program is gone, else requests can't be answered. */
  private boolean answerAll(UnixSocket socket) {
    try {
      if (isCollecting) {
        send(socket, MetricsMessages.hello());
      }
      byte[] asked = {};
      Polled polled = new Polled(1);
      while (true) {
        polled.set(0, socket.fd());
        polled.await(-1);
        Received received = socket.receive(MetricsMessages.REQUEST_BYTES - asked.length, false);
        if (received == null) {
          continue;
        }
        if (received.bytes().length == 0) {
          return true;
        }
        int before = asked.length;
        asked = Arrays.copyOf(asked, before + received.bytes().length);
        System.arraycopy(received.bytes(), 0, asked, before, received.bytes().length);
        if (asked.length == MetricsMessages.REQUEST_BYTES) {
          long number = MetricsMessages.requestNumber(asked);
          asked = new byte[0];
          send(socket, MetricsMessages.answer(number, body()));
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      return socket.isHungUp();
    }
  }

  private byte[] body() {
    try {
      return metrics.body.get();
    } catch (RuntimeException | Error e) {
      return new byte[0]; // which is not valid, and counts as such
    }
  }

  /** The node program may be stopped for a while in the middle of an answer. */
  private static void send(UnixSocket socket, byte[] bytes) throws IOException {
    int sent = 0;
    while (sent < bytes.length) {
      sent += socket.sendPart(bytes, sent);
    }
  }

  /** Returns {@code null} if there is no registration to go on with. */
  private UnixSocket reconnected() {
    while (awaitReconnect()) {
      try {
        Granted granted =
            NodeClient.ask(path, new Request(Command.RESUME, 0, request.pid(), request.netns()));
        UnixSocket socket = granted.connection();
        isCollecting = isCollecting(granted.answer());
        synchronized (this) {
          if (closed) {
            socket.close(); // which ends the registration
            return null;
          }
          connection = socket;
        }
        return socket;
      } catch (Refused e) {
        return null; // it does not know this JVM, or is of an earlier release
      } catch (BpfException e) {
        // It does not run yet.
      }
    }
    return null;
  }

  private synchronized boolean awaitReconnect() {
    if (!closed) {
      try {
        wait(RECONNECT_MILLIS);
      } catch (InterruptedException e) {
        return false;
      }
    }
    return !closed;
  }

  /** Ends the registration. */
  @Override
  public void close() {
    boolean restarted;
    synchronized (this) {
      closed = true;
      notifyAll();
      restarted = connection == null || connection.isHungUp();
      if (connection != null) {
        connection.shutDown();
        if (!threadCloses) {
          connection.close();
          connection = null;
        }
      }
    }
    awaitThread();
    if (restarted) {
      forget();
    }
  }

  /** Until it has closed its descriptor, which a checkpoint of the JVM would trip over. */
  private void awaitThread() {
    CountDownLatch end;
    synchronized (this) {
      end = threadEnd;
    }
    if (end != null) {
      try {
        end.await(END_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The end of the connection was to say that the registration ends; another node program runs. */
  private void forget() {
    try {
      NodeClient.ask(path, new Request(Command.FORGET, 0, request.pid(), request.netns()))
          .connection()
          .close();
    } catch (BpfException e) {
      // None runs. The next one forgets this JVM when it has ended.
    }
  }
}
