// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Lasts as long as a row's sockets were opened and closed, by the clock of the recording. */
@Name(RowEvent.NAME)
@StackTrace(false)
public final class RowEvent extends Event {
  public static final String NAME = "it.Row";

  /** The row. */
  public String row;

  /** Why it could not be run, or {@code null}. */
  public String unavailable;

  /** What went wrong, or {@code null}. */
  public String failure;
}
