// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import org.openjdk.jmc.common.IDisplayable;
import org.openjdk.jmc.common.unit.UnitLookup;

/** Numbers and times in sentences. */
final class Words {
  private Words() {}

  /** {@code 1 socket}, {@code 2 sockets}. */
  static String count(long count, String singular) {
    return count(count, singular, singular + "s");
  }

  static String count(long count, String singular, String plural) {
    return count + " " + (count == 1 ? singular : plural);
  }

  static String time(long nanos) {
    return UnitLookup.NANOSECOND.quantity(nanos).displayUsing(IDisplayable.AUTO);
  }
}
