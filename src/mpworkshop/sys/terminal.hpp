#pragma once

namespace mpworkshop::sys {

/// What may be drawn on a standard stream.
struct Terminal {
    bool is_one = false; ///< a terminal, rather than a pipe or a file
    bool moves = false;  ///< a terminal that can redraw a line, and plain text was not requested
    bool utf8 = false;   ///< the locale can show more than ASCII
    unsigned width = 80; ///< columns
};

/// Reads the properties of standard error, NO_COLOR, TERM, COLUMNS and the locale.
Terminal error_terminal();
/// The same for standard output.
Terminal output_terminal();

/// The maximum width of lines on it: 39 to 79 characters, one less than its columns.
unsigned text_width(const Terminal& terminal);

} // namespace mpworkshop::sys
