// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Proof;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Status;
import dev.tcpstates.agent.kernel.node.UnixSocket.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks the node program. JNA must have been loaded. */
public final class NodeClient {
  /**
   * What the node program takes for a registration is some ms; many JVMs may start at once, and
   * keep all CPUs busy.
   */
  private static final int TIMEOUT_SECONDS = 30;

  private static final long LEAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long MOST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private NodeClient() {}

  /** The node program runs, and does not do what it is asked for. */
  public static final class Refused extends BpfException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * What was granted.
   *
   * @param connection stays open for as long as the registration is to last
   * @param descriptors in the order of {@link Answer}; all are the caller's
   */
  public record Granted(UnixSocket connection, Answer answer, int[] descriptors) {}

  /**
   * Sends a request, and proves that it is this process that asks. While the node program is busy,
   * it is asked again, for up to 30 s.
   *
   * @throws BpfException if no node program answers, or it refuses; says what to do about it
   */
  public static Granted ask(Path path, Request request) throws BpfException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (true) {
      UnixSocket connection = connect(path);
      boolean kept = false;
      try {
        Granted granted = converse(connection, request);
        Status status = granted.answer().status();
        if (status == Status.REFUSED
            || status == Status.BUSY && System.nanoTime() - deadline >= 0) {
          throw new Refused("the node program refuses: " + granted.answer().text());
        }
        if (status == Status.GRANTED) {
          kept = true;
          return granted;
        }
      } catch (IOException e) {
        throw new BpfException(
            "the node program at "
                + path
                + " did not answer as expected ("
                + e.getMessage()
                + "); see its log, and use the same release of it and of the agent");
      } finally {
        if (!kept) {
          connection.close();
        }
      }
      LockSupport.parkNanos(
          ThreadLocalRandom.current().nextLong(LEAST_PAUSE_NANOS, MOST_PAUSE_NANOS));
    }
  }

  private static UnixSocket connect(Path path) throws BpfException {
    try {
      return UnixSocket.connect(path, TIMEOUT_SECONDS);
    } catch (IOException e) {
      throw new BpfException(
          "no node program can be reached at "
              + path
              + " ("
              + e.getMessage()
              + "); start it, or mount its socket into the container");
    }
  }

  private static Granted converse(UnixSocket connection, Request request) throws IOException {
    connection.send(request.encode(), List.of());
    Received received = receive(connection);
    try {
      Answer answer = Answer.decode(received.bytes());
      if (answer.status() == Status.PROVE) {
        connection.send(new Proof(answer.nonce()).encode(), List.of());
        received = receive(connection);
        answer = Answer.decode(received.bytes());
      }
      if (answer.status() == Status.PROVE) {
        throw new IOException("it asks for two proofs");
      }
      int expected = request.isRegistration() ? Answer.DESCRIPTORS : 0;
      if (answer.status() == Status.GRANTED && received.descriptors().length != expected) {
        throw new IOException(received.descriptors().length + " descriptors came");
      }
      return new Granted(connection, answer, received.descriptors());
    } catch (IOException e) {
      for (int descriptor : received.descriptors()) {
        UnixSocket.close(descriptor);
      }
      throw e;
    }
  }

  private static Received receive(UnixSocket connection) throws IOException {
    Received received = connection.receive(Answer.MOST_BYTES, true);
    if (received == null) {
      throw new IOException("no answer came within " + TIMEOUT_SECONDS + " s");
    }
    if (received.bytes().length == 0) {
      throw new IOException("it closed the connection without an answer, or has ended");
    }
    return received;
  }
}
