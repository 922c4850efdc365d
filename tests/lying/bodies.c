/* Linked into the command line of the liars: bodies have room for little, so that whatever it says
 * to a server or on a board goes in several. Nothing of this is in the product. */
#include "cli/bodies.h"

size_t __wrap_bodies_room(void);

size_t __wrap_bodies_room(void)
{
    return 30000;
}
