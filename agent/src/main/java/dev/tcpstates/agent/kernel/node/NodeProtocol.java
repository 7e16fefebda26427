// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import dev.tcpstates.agent.kernel.wire.Layout;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an agent and the node program say to each other: a request, a nonce, the proof, and the
 * answer. The connection then stays open for as long as the registration is to last. Numbers are in
 * network byte order.
 *
 * <p>The kernel names the process that has connected. By the time of the request, that process may
 * have called exec, or its id may be another's, while a child process has the connection. So the
 * node program notes which process it is, sends a nonce, and accepts it back only from that
 * process.
 */
public final class NodeProtocol {
  /** Where the node program listens if nothing else is said. */
  public static final Path SOCKET = Path.of("/run/tcpstates/node.sock");

  private static final int MAGIC = 0x7463_7073; // "tcps"
  private static final int VERSION = 1;
  private static final int NONCE_BYTES = 16;

  private NodeProtocol() {}

  /** What is asked for. */
  public enum Command {
    /** To register the process. */
    REGISTER,
    /** To forget the process, whose connection a restart of the node program has broken. */
    FORGET,
    /** To go on with the registration, whose connection a restart has broken. */
    RESUME
  }

  /**
   * The request. Who asks is not in it: the kernel says that.
   *
   * @param ringSize bytes of the ring: a power of two
   * @param pid the process in its own PID namespace, where it reads its iterator; a wrong one gives
   *     an empty list
   * @param netns inode of its network namespace
   */
  public record Request(Command command, int ringSize, int pid, int netns) {
    /** Length of a request in bytes. */
    public static final int BYTES = 24;

    boolean isRegistration() {
      return command == Command.REGISTER;
    }

    /** Returns the bytes that stand for it. */
    public byte[] encode() {
      return ByteBuffer.allocate(BYTES)
          .putInt(MAGIC)
          .putShort((short) VERSION)
          .putShort((short) command.ordinal())
          .putInt(ringSize)
          .putInt(pid)
          .putInt(netns)
          .putInt(Layout.SHARED)
          .array();
    }

    /**
     * Reads a request.
     *
     * @throws IOException with what is wrong with it
     */
    public static Request decode(byte[] bytes) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (bytes.length != BYTES || in.getInt() != MAGIC) {
        throw new IOException("this is no request of a tcpstates agent");
      }
      int version = in.getShort();
      if (version != VERSION) {
        throw new IOException(
            "the agent uses version "
                + version
                + " of the protocol, the node program version "
                + VERSION
                + "; use the same release of both");
      }
      int command = in.getShort();
      if (command < 0 || command >= Command.values().length) {
        throw new IOException("there is no command " + command);
      }
      Request request =
          new Request(Command.values()[command], in.getInt(), in.getInt(), in.getInt());
      if (request.isRegistration() && in.getInt() != Layout.SHARED) {
        throw new IOException(
            "the agent is of a release whose records have another layout than those of the node"
                + " program; use the same release of both");
      }
      return request;
    }
  }

  /** The nonce, back from who asks. */
  public record Proof(byte[] nonce) {
    /** Length of a proof in bytes. */
    public static final int BYTES = Integer.BYTES + NONCE_BYTES;

    /** Returns the bytes that stand for it. */
    public byte[] encode() {
      return ByteBuffer.allocate(BYTES).putInt(MAGIC).put(nonce).array();
    }

    /** Whether these bytes stand for it. */
    public boolean isEncodedAs(byte[] bytes) {
      return Arrays.equals(encode(), bytes);
    }
  }

  /** What kind of answer it is. */
  public enum Status {
    /** What was asked for is done. */
    GRANTED,
    /** It is not, for the reason in the text. */
    REFUSED,
    /** It is not now; to be asked again a little later. */
    BUSY,
    /** A proof is needed. */
    PROVE
  }

  /**
   * The answer.
   *
   * @param text why the request is refused, and what to do about it; else empty
   * @param nonce for the proof; else empty
   * @param ringSize bytes of the ring
   * @param counters of how many CPUs there are counters
   * @param resetReasons the kernel's names of its reasons for a reset
   * @param lacks what can't be recorded, and why
   * @param features bits of what the node program asks for later; agents of earlier releases do not
   *     read them, and node programs of earlier releases do not send them
   */
  public record Answer(
      Status status,
      String text,
      byte[] nonce,
      int ringSize,
      int counters,
      Map<Integer, String> resetReasons,
      List<String> lacks,
      int features) {
    /** Most bytes of an answer. */
    public static final int MOST_BYTES = 1 << 16;

    /** The places of the descriptors that come with a registration. */
    public static final int RING = 0;

    public static final int PAGES = 1;
    public static final int OPEN_SOCKETS = 2;
    public static final int SOCKETS_NOW = 3;
    public static final int ADOPT_SOCKETS = 4;
    public static final int DESCRIPTORS = 5;

    private static final byte[] NONE = {};

    /** Returns the answer that refuses. */
    public static Answer refuse(String why) {
      return new Answer(Status.REFUSED, why, NONE, 0, 0, Map.of(), List.of(), 0);
    }

    /** Returns the answer that asks to come again. */
    public static Answer busy(String why) {
      return new Answer(Status.BUSY, why, NONE, 0, 0, Map.of(), List.of(), 0);
    }

    /** Returns the answer that asks for a proof. */
    public static Answer prove(SecureRandom random) {
      byte[] nonce = new byte[NONCE_BYTES];
      random.nextBytes(nonce);
      return new Answer(Status.PROVE, "", nonce, 0, 0, Map.of(), List.of(), 0);
    }

    /** Returns the answer that a process is forgotten, or goes on with its registration. */
    public static Answer done() {
      return new Answer(Status.GRANTED, "", NONE, 0, 0, Map.of(), List.of(), 0);
    }

    /** Returns the answer that a process is registered. */
    public static Answer registered(
        int ringSize, int counters, Map<Integer, String> resetReasons, List<String> lacks) {
      return new Answer(Status.GRANTED, "", NONE, ringSize, counters, resetReasons, lacks, 0);
    }

    /** Returns this answer with these features. */
    public Answer with(int newFeatures) {
      return new Answer(status, text, nonce, ringSize, counters, resetReasons, lacks, newFeatures);
    }

    /** Returns the bytes that stand for it. */
    public byte[] encode() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeInt(MAGIC);
        out.writeShort(VERSION);
        out.writeShort(status.ordinal());
        out.writeUTF(text);
        out.writeShort(nonce.length);
        out.write(nonce);
        out.writeInt(ringSize);
        out.writeInt(counters);
        out.writeShort(resetReasons.size());
        for (Map.Entry<Integer, String> reason : new TreeMap<>(resetReasons).entrySet()) {
          out.writeInt(reason.getKey());
          out.writeUTF(reason.getValue());
        }
        out.writeShort(lacks.size());
        for (String one : lacks) {
          out.writeUTF(one);
        }
        if (features != 0) {
          out.writeInt(features);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e); // memory does not fail
      }
      return bytes.toByteArray();
    }

    /**
     * Reads an answer.
     *
     * @throws IOException if it is none
     */
    public static Answer decode(byte[] bytes) throws IOException {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      if (in.readInt() != MAGIC || in.readShort() != VERSION) {
        throw new IOException("this is no answer of a node program of the same release");
      }
      int status = in.readUnsignedShort();
      if (status >= Status.values().length) {
        throw new IOException("there is no status " + status);
      }
      String text = in.readUTF();
      byte[] nonce = in.readNBytes(in.readUnsignedShort());
      int ringSize = in.readInt();
      int counters = in.readInt();
      Map<Integer, String> reasons = new TreeMap<>();
      for (int i = in.readUnsignedShort(); i > 0; i--) {
        reasons.put(in.readInt(), in.readUTF());
      }
      List<String> lacks = new ArrayList<>();
      for (int i = in.readUnsignedShort(); i > 0; i--) {
        lacks.add(in.readUTF());
      }
      int features = in.available() == 0 ? 0 : in.readInt();
      return new Answer(
          Status.values()[status],
          text,
          nonce,
          ringSize,
          counters,
          Map.copyOf(reasons),
          List.copyOf(lacks),
          features);
    }
  }
}
