// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import java.util.Locale;

/** A picture as text. Lengths are in pixels, from the top left. */
final class Svg {
  static final String TEXT = "#222222";
  static final String FAINT = "#6b6b6b";
  static final String GRID = "#e2e2e2";
  static final String SMALL = "12px";

  private final StringBuilder body = new StringBuilder();
  private final int width;
  private final int height;

  Svg(int width, int height, String title, String subtitle) {
    this.width = width;
    this.height = height;
    rectangle(0, 0, width, height, "#ffffff", null);
    body.append(
        format(
            "<text x=\"16\" y=\"28\" font-size=\"17px\" fill=\"%s\">%s</text>%n",
            TEXT, escape(title)));
    text(16, 48, "start", FAINT, subtitle);
  }

  /** With a tool tip, unless that is null. */
  void rectangle(double x, double y, double w, double h, String color, String tip) {
    String element =
        format(
            "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"",
            number(x), number(y), number(w), number(h), color);
    body.append(element)
        .append(tip == null ? "/>\n" : "><title>" + escape(tip) + "</title></rect>\n");
  }

  void line(double x1, double y1, double x2, double y2, String color) {
    body.append(
        format(
            "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\"/>%n",
            number(x1), number(y1), number(x2), number(y2), color));
  }

  /** Anchor is {@code start}, {@code middle} or {@code end}. */
  void text(double x, double y, String anchor, String color, String text) {
    text(x, y, anchor, color, "", text);
  }

  void code(double x, double y, String anchor, String color, String text) {
    text(x, y, anchor, color, " font-family=\"monospace\"", text);
  }

  private void text(double x, double y, String anchor, String color, String style, String text) {
    body.append(
        format(
            "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\" font-size=\"%s\"%s>%s</text>%n",
            number(x), number(y), anchor, color, SMALL, style, escape(text)));
  }

  /** The whole file. */
  @Override
  public String toString() {
    return format(
            "<!-- SPDX-License-Identifier: Apache-2.0; drawn by pictures.sh, do not edit -->%n"
                + "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" font-family=\"Helvetica, Arial, sans-serif\">%n",
            width, height, width, height)
        + body
        + "</svg>\n";
  }

  static String number(double value) {
    String text = format("%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
