// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Standard output, in UTF-8 with any locale, because other programs read it. */
public final class Output implements AutoCloseable {
  /** The reading program has ended, such as {@code head}. */
  public static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final Writer writer;

  Output(Writer writer) {
    this.writer = writer;
  }

  public static Output standard() {
    return new Output(
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8)));
  }

  public synchronized void line(CharSequence line) {
    try {
      writer.append(line).append('\n');
    } catch (IOException e) {
      throw failed(e);
    }
  }

  public synchronized void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    flush();
  }

  private static RuntimeException failed(IOException e) {
    return String.valueOf(e.getMessage()).contains("Broken pipe")
        ? new ClosedException()
        : new CommandException(Exit.FAILED, "can't write the output: " + e.getMessage());
  }
}
