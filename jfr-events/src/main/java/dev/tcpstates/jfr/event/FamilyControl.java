// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

/** The family of the addresses: {@code 4} or {@code 6}. */
public final class FamilyControl extends FilterControl {
  @Override
  public String key() {
    return "family";
  }
}
