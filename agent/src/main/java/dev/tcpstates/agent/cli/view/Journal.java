// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.Words;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes transitions to the systemd journal in its native protocol, one datagram per transition.
 * The field names are those of bcc's tcpstates; fields for the opener are added.
 */
public final class Journal implements AutoCloseable {
  public static final String SOCKET = "/run/systemd/journal/socket";

  private static final String NOTICE = "5";

  private final UnixDatagram socket;

  /**
   * @throws CommandException if there is no journal
   */
  public Journal(String path) {
    socket = UnixDatagram.connect(path);
  }

  public void write(Transition transition) {
    socket.send(message(transition));
  }

  private static byte[] message(Transition transition) {
    String ip = Endpoint.ipVersion(transition) == 6 ? "IPV6" : "IPV4";
    Fields fields = new Fields();
    fields.add("SYSLOG_IDENTIFIER", "tcpstates");
    fields.add("PRIORITY", NOTICE);
    fields.add("OBJECT_PID", Integer.toString(transition.taskId()));
    fields.add("OBJECT_COMM", transition.taskName());
    fields.add("OBJECT_" + ip + "_SOURCE_ADDRESS", transition.localAddress());
    fields.add("OBJECT_TCP_SOURCE_PORT", Integer.toString(transition.localPort()));
    fields.add("OBJECT_" + ip + "_DESTINATION_ADDRESS", transition.address());
    fields.add("OBJECT_TCP_DESTINATION_PORT", Integer.toString(transition.port()));
    fields.add("OBJECT_TCP_OLD_STATE", Words.name(transition.oldState()));
    fields.add("OBJECT_TCP_NEW_STATE", Words.name(transition.newState()));
    fields.add("OBJECT_TCP_SPAN_TIME", Long.toString(transition.timeInState().toNanos() / 1000));
    fields.add("TCPSTATES_TIME", transition.endTime().toString());
    fields.add("TCPSTATES_SOCKET_ID", Long.toString(transition.socketId()));
    fields.add("TCPSTATES_OPENED_BY", transition.openedBy());
    fields.add("TCPSTATES_REASON", transition.reason());
    fields.add(
        "MESSAGE",
        Endpoint.text(transition.localAddress(), transition.localPort())
            + " > "
            + Endpoint.text(transition.address(), transition.port())
            + " "
            + transition.oldState()
            + " > "
            + transition.newState()
            + (transition.openedBy() == null ? "" : ", opened by " + transition.openerAndThread()));
    return fields.bytes();
  }

  @Override
  public void close() {
    socket.close();
  }

  /** {@code NAME=value} and a line feed. A value with a line feed has its length before it. */
  private static final class Fields {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void add(String name, String value) {
      if (value == null) {
        return;
      }
      byte[] text = value.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(name.getBytes(StandardCharsets.UTF_8));
      if (value.indexOf('\n') < 0) {
        bytes.write('=');
      } else {
        bytes.write('\n');
        bytes.writeBytes(
            ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .array());
      }
      bytes.writeBytes(text);
      bytes.write('\n');
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }
}
