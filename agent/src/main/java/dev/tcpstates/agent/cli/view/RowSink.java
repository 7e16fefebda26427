// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.function.Consumer;

/** Writes records, one after the other. */
public interface RowSink<T> extends Consumer<T> {
  /** Writes the heading, if the format has one and no record has been written. */
  default void end() {}
}
