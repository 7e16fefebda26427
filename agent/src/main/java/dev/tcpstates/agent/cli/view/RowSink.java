// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.function.Consumer;

/** Where records go, one after the other. */
public interface RowSink<T> extends Consumer<T> {
  /** There are no more: of a form that has a heading, it is written even if there was none. */
  default void end() {}
}
