/* html_style - report.css, compiled in */
#include "analyze/html_page.h"

__asm__(".pushsection .rodata\n"
        ".global html_style\n"
        "html_style:\n"
        ".incbin \"analyze/report.css\"\n"
        ".byte 0\n"
        ".popsection\n");
