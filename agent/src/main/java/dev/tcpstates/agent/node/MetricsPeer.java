// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.MetricsMessages.Header;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.kernel.node.UnixSocket.Polled;
import dev.tcpstates.agent.kernel.node.UnixSocket.Received;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The connection and the pidfd of a registered JVM. The server's thread closes it, while the thread
 * of the metrics asks for metrics. Never waits. Thread-safe.
 */
final class MetricsPeer {
  private static final int PART_BYTES = 32 << 10;

  /** What is known of an answer. */
  enum Progress {
    /** Nothing was asked, because this agent does not answer. */
    UNSUPPORTED,
    /** The answer, or a part of it, is still to come. */
    WAITING,
    /** The answer is there. */
    COMPLETE,
    /** What came is no answer. */
    INVALID,
    /** The JVM has ended or detached. */
    GONE
  }

  private final int pid;
  private final int uid;
  private final int pidfd;

  /** {@code null} if the JVM was registered with an earlier node program. */
  private final UnixSocket connection;

  /** As its agent said in its last valid answer. */
  private volatile String mainClass = "";

  private boolean closed;
  private boolean answers;
  private boolean broken;

  /** The last request that was sent; 0: none. */
  private long asked;

  private boolean outstanding;

  /** Whether what comes of the body is not kept, because it is too late. */
  private boolean late;

  private byte[] header = new byte[MetricsMessages.HEADER_BYTES];
  private int headerBytes;
  private byte[] body = {};
  private int bodyLength;
  private int bodyBytes;

  MetricsPeer(int pid, int uid, int pidfd, UnixSocket connection) {
    this.pid = pid;
    this.uid = uid;
    this.pidfd = pidfd;
    this.connection = connection;
  }

  /** In the PID namespace of the node program. */
  int pid() {
    return pid;
  }

  int uid() {
    return uid;
  }

  String mainClass() {
    return mainClass;
  }

  void mainClass(String name) {
    mainClass = name;
  }

  int pidfd() {
    return pidfd;
  }

  boolean isConnected() {
    return connection != null;
  }

  /** For {@link Polled}; -1 if there is none. May be closed meanwhile, and another file's then. */
  int fd() {
    return connection == null ? -1 : connection.fd();
  }

  /** Sends a request, unless the last one is still to be answered. */
  synchronized Progress ask(long number) {
    // What came since the last request: that this JVM answers, or an answer that was too late.
    Progress before = receive();
    if (before == Progress.COMPLETE) {
      before = receive();
    }
    if (before != Progress.WAITING) {
      return before;
    }
    if (!answers) {
      return Progress.UNSUPPORTED;
    }
    if (!outstanding) {
      try {
        connection.send(MetricsMessages.request(number), List.of());
        asked = number;
        outstanding = true;
        late = false;
      } catch (IOException e) {
        // It is gone, or does not read.
      }
    }
    return Progress.WAITING;
  }

  /** Takes what has come. */
  synchronized Progress receive() {
    if (closed) {
      return Progress.GONE;
    }
    if (connection == null) {
      return Progress.UNSUPPORTED;
    }
    if (broken) {
      return Progress.INVALID;
    }
    try {
      while (true) {
        int wanted =
            headerBytes < header.length ? header.length - headerBytes : bodyLength - bodyBytes;
        Received received = connection.receive(Math.min(wanted, PART_BYTES), false);
        if (received == null) {
          return Progress.WAITING;
        }
        if (received.bytes().length == 0) {
          return Progress.GONE;
        }
        if (received.sender() != pid) {
          throw new IOException("another process has the connection");
        }
        if (take(received.bytes())) {
          return Progress.COMPLETE;
        }
      }
    } catch (IOException e) {
      if (connection.isHungUp()) {
        return Progress.GONE;
      }
      broken = true;
      body = new byte[0];
      return Progress.INVALID;
    }
  }

  /** Returns whether the answer is complete. */
  private boolean take(byte[] bytes) throws IOException {
    if (headerBytes < header.length) {
      System.arraycopy(bytes, 0, header, headerBytes, bytes.length);
      headerBytes += bytes.length;
      if (headerBytes < header.length) {
        return false;
      }
      Header read = Header.decode(header);
      if (read.isHello()) {
        if (answers) {
          throw new IOException("it says twice that it answers");
        }
        answers = true;
        headerBytes = 0;
        return false;
      }
      if (!outstanding || read.number() != asked) {
        throw new IOException("nobody has asked for this");
      }
      bodyLength = read.length();
      bodyBytes = 0;
    } else {
      if (!late) {
        if (body.length < bodyBytes + bytes.length) {
          body = Arrays.copyOf(body, Math.min(bodyLength, 2 * (bodyBytes + bytes.length)));
        }
        System.arraycopy(bytes, 0, body, bodyBytes, bytes.length);
      }
      bodyBytes += bytes.length;
    }
    if (bodyBytes < bodyLength) {
      return false;
    }
    headerBytes = 0;
    outstanding = false;
    return true;
  }

  /** Returns the answer that is complete, and forgets it. */
  synchronized byte[] takeBody() {
    byte[] taken = Arrays.copyOf(body, late ? 0 : bodyLength);
    body = new byte[0];
    return taken;
  }

  /** How many bytes of the answer there are. */
  synchronized int held() {
    return body.length;
  }

  /** Keeps nothing of an answer that comes later. */
  synchronized void giveUp() {
    late = true;
    body = new byte[0];
  }

  /** Whether the process is there, and its id nobody else's. */
  synchronized boolean isAlive() {
    if (closed) {
      return false;
    }
    Polled ended = new Polled(1);
    ended.set(0, pidfd);
    ended.await(0);
    return !ended.isReady(0);
  }

  /** Closes the connection and the pidfd. */
  synchronized void close() {
    closed = true;
    UnixSocket.close(pidfd);
    if (connection != null) {
      connection.close();
    }
  }
}
